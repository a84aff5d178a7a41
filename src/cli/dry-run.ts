import type { RunPlan } from '../options/results.ts';
import { planReport } from '../report/terminal/look-report.ts';
import type { Session } from './session.ts';

/** `--dry-run`: shows the plan, with --quiet too, for nothing else was asked. */
export async function showPlan(plan: RunPlan, session: Session): Promise<void> {
  for (const warning of plan.warnings) session.onWarning(warning);
  await session.answer(plan, () => planReport(plan));
}
