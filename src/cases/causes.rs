//! Who besides its departments accounts for days of an application: the causes of its claims, what the customer has to do
//! between stages, and what is awaited at the end.
//!
//! A claim stands for days of its cause where it counts; one of a cause that is not taken out of a stage's time, where it
//! would count if it were. What the grid or the utility itself causes stays the utility's.

use super::idle::Next;
use super::standing::{Judge, JudgedPass, Standing};
use crate::clock::{Claim, Judgement, Verdict};
use crate::flow::End;
use crate::flow::days::{Awaited, Causes, Held, Whose};
use crate::rules::vocabulary::Cause;

impl<'a> Judge<'a> {
    /// Who besides its departments accounts for days of an application.
    pub fn causes<'b>(&'b self, standing: &'b Standing<'a>) -> Causes<'b> {
        let connection = standing.case.facts.connection();
        let begun = || standing.passes.iter().filter(|judged| judged.stage.started_at.is_some());
        let network = &self.process.network;
        let is_recorded = move |code: &str| begun().any(|judged| self.names.text(judged.stage.stage) == code);
        Causes {
            of_steps: begun().map(|judged| self.held_in(standing, judged)).collect(),
            of_whole: self.held_of_whole(standing),
            awaits_customer: Some(Box::new(move |finished, awaited| {
                network.awaits_customer(finished, awaited, &connection, is_recorded)
            })),
            awaited: self.awaited(standing),
        }
    }

    /// What held up a pass.
    fn held_in(&self, standing: &Standing<'a>, judged: &JudgedPass<'a>) -> Vec<Held> {
        let due_on = judged.reading.limit.map(|limit| limit.due_on);
        let verdicts = judged.concerned.iter().zip(&judged.reading.verdicts);
        let held = verdicts.filter_map(|(number, verdict)| {
            self.held(standing, *number, verdict, |claim| self.clock.judge(claim, &judged.pass, due_on))
        });
        held.collect()
    }

    /// What held up the whole application, by the claims that name no stage.
    fn held_of_whole(&self, standing: &Standing<'a>) -> Vec<Held> {
        let held = standing.of_whole.iter().filter_map(|(number, verdict)| {
            self.held(standing, *number, verdict, |claim| self.clock.judge(claim, &standing.whole, standing.due_on))
        });
        held.collect()
    }

    /// The days of a claim that are its cause's, if any are.
    fn held(
        &self,
        standing: &Standing<'a>,
        number: usize,
        judged: &Judgement,
        judge: impl Fn(&Claim) -> Judgement,
    ) -> Option<Held> {
        let claim = &standing.claims[number];
        let is_excluded = judged.verdict.counts();
        let whose = self.whose(self.names.text(claim.facts.cause), is_excluded)?;
        let judged = match judged.verdict {
            Verdict::NotExcludable => judge(&Claim { excludable: true, ..self.claim(claim) }),
            _ => *judged,
        };
        let inside = judged.inside.filter(|_| judged.verdict.counts())?;
        Some(Held { after: inside.after, until: inside.until, whose, is_excluded })
    }

    /// Whose the days of a cause are; none: the utility's own.
    fn whose(&self, cause: &str, is_excluded: bool) -> Option<Whose> {
        match Cause::of_code(cause) {
            Some(Cause::Customer) => Some(Whose::Customer),
            Some(Cause::Government) => Some(Whose::Government),
            Some(Cause::Grid | Cause::Internal) => is_excluded.then_some(Whose::Other),
            Some(Cause::Weather) | None => Some(Whose::Other),
        }
    }

    /// What is awaited after the last pass: the goal until the supply is live; the next stage while nobody works.
    fn awaited<'b>(&'b self, standing: &'b Standing<'a>) -> Option<Awaited<'b>> {
        match standing.end {
            End::Cancelled(_) => None,
            End::Energised(at) => {
                let goal = self.goal(standing);
                let (stage, department) = (goal.map(|goal| goal.stage), goal.and_then(|goal| goal.department));
                Some(Awaited { stage, department, until: at.day() })
            }
            End::Open => {
                let Next { stage, department } = self.idle(standing)?.next?;
                Some(Awaited { stage: Some(stage), department, until: self.clock.as_of })
            }
        }
    }

    /// The stage whose finish is the energisation, and who does it: of the application, else usually.
    fn goal<'b>(&'b self, standing: &'b Standing<'a>) -> Option<Next<'b>> {
        let goal = &self.process.network.steps[self.process.network.goal().ok()?];
        let own = standing.passes.iter().rev().find(|judged| self.names.text(judged.stage.stage) == goal.code);
        let own = own.map(|judged| self.names.text(judged.stage.department));
        let connection = standing.case.facts.connection();
        let usual = || goal.department.as_ref()?.of(&connection).map(String::as_str);
        Some(Next { stage: &goal.code, department: own.or_else(usual) })
    }
}
