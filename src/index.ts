export { ExitCode, GhmError } from './errors.ts';
