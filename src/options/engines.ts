/** Where the two passes of a run are made: on worker threads of this machine. The first is the default. */
export const ENGINES = ['threads'] as const;
export type EngineName = (typeof ENGINES)[number];
