//! When passes began of which the exports give only the finish: at the finish before it, where `process.toml` says
//! `starts = "previous"`.
//!
//! A ledger with one date a step says when each was done and not when it was begun. What is taken for the start is an
//! assumption; every pass with such a start is marked, so that the page and `explain` can say how many there are.

use super::{Application, StagePass};
use crate::calendar::Instant;
use crate::contract::TieOrder;
use crate::rules::bounds::CaseBounds;

/// Begins each pass without a start of its own when the pass that finished before it in its application did: by time, of
/// one moment in the usual order or in that of the files. The first begins at acceptance, or, where its own events accept a case, at its finish.
pub(super) fn take(passes: &mut [StagePass], applications: &[Application], bounds: &CaseBounds, order: TieOrder) {
    passes.sort_unstable_by_key(|p| {
        let line = if order == TieOrder::File { p.line } else { 0 };
        (p.application, p.finished_at, line, p.position, p.pass, p.said())
    });
    for case in passes.chunk_by_mut(|a, b| a.application == b.application) {
        let accepted_at = Instant::at(applications[case[0].application as usize].facts.accepted_on, 0);
        let mut before = (!bounds.begins).then_some(accepted_at);
        for pass in case {
            let Some(finished_at) = pass.finished_at else { continue };
            if pass.start_taken {
                // What is finished before it is accepted took no time.
                pass.started_at = before.unwrap_or(finished_at).min(finished_at);
            }
            before = Some(finished_at);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::super::spread::tests::application;
    use super::super::{Name, Names};
    use super::*;

    fn at(day: &str, hour: i64) -> Instant {
        Instant::at(day.parse().unwrap(), hour * 3_600)
    }

    fn pass(stage: Name, position: u16, started: Option<Instant>, finished: Option<Instant>) -> StagePass {
        StagePass {
            stage,
            pass: 1,
            department: stage,
            handler: None,
            started_at: started.or(finished).unwrap(),
            start_taken: started.is_none(),
            finished_at: finished,
            due_on: None,
            planned_start_on: None,
            position,
            to_goal: Ordering::Less,
            application: 0,
            line: 0,
        }
    }

    fn starts(passes: &mut [StagePass], begins: bool) -> Vec<(u16, Instant)> {
        take(passes, &[application("A", "2026-06-01")], &CaseBounds { begins, ends: None }, TieOrder::Usual);
        let mut starts: Vec<_> = passes.iter().map(|pass| (pass.position, pass.started_at)).collect();
        starts.sort_unstable();
        starts
    }

    #[test]
    fn a_pass_begins_when_the_one_before_it_ended() {
        let name = Names::default().number("x");
        let finish = |day: &str| Some(at(day, 9));
        let mut passes = [
            pass(name, 3, None, finish("2026-06-09")),
            pass(name, 0, None, finish("2026-06-02")),
            // Of one moment the usual order counts, and a start that is given stays.
            pass(name, 2, None, finish("2026-06-05")),
            pass(name, 1, None, finish("2026-06-05")),
            pass(name, 4, Some(at("2026-06-03", 8)), finish("2026-06-08")),
            pass(name, 5, Some(at("2026-06-09", 10)), None),
        ];
        let expected = vec![
            (0, at("2026-06-01", 0)),
            (1, at("2026-06-02", 9)),
            (2, at("2026-06-05", 9)),
            (3, at("2026-06-08", 9)),
            (4, at("2026-06-03", 8)),
            (5, at("2026-06-09", 10)),
        ];
        assert_eq!(starts(&mut passes.clone(), false), expected);
        passes.reverse();
        assert_eq!(starts(&mut passes, false), expected, "whatever the order of the rows");
        assert_eq!(starts(&mut passes, true)[0], (0, at("2026-06-02", 9)), "its own first event accepts the case");
    }

    #[test]
    fn nothing_ends_before_it_begins() {
        let name = Names::default().number("x");
        let mut passes = [pass(name, 0, None, Some(at("2026-05-20", 9)))];
        assert_eq!(starts(&mut passes, false), [(0, at("2026-05-20", 9))]);
    }
}
