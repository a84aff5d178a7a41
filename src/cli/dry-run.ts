import type { ReweightOptions } from '../options/options.ts';
import { type PlanPurpose, planReport } from '../report/terminal/look-report.ts';
import type { Session } from './session.ts';

/** `--dry-run`: plans the run and shows the plan, with --quiet too, for nothing else was asked. */
export async function showPlan(
  options: ReweightOptions,
  command: PlanPurpose['command'],
  session: Session,
): Promise<void> {
  const library = await import('../index.ts');
  const plan = await library.plan(options);
  for (const warning of plan.warnings) session.onWarning(warning);
  session.answer(plan, () => planReport(plan, { command, out: options.out }));
}
