//! What is done around an application: the outage that connects it, and the coordination of departments.

use yekuo_calendar::{Day, Instant};

use super::case::Case;
use super::dice::{Dice, Subject};
use super::setting::{OPENS_S, Setting};
use super::world::{ANSWERS_WD, APPROVED, COORDINATED, Department, LIVE_LINE, OUTAGES, Step, TOPICS, TRADES};

/// One row of `outages`.
#[derive(Clone, Debug)]
pub struct Outage {
    pub id: String,
    pub ready_at: Instant,
    pub outage_at: Option<Instant>,
    pub affects_others: bool,
    pub outages_this_year: Option<i64>,
    pub special_approval: Option<bool>,
    pub planned_on: Option<Day>,
    pub announced_at: Option<Instant>,
}

/// One row of `requests`.
#[derive(Clone, Debug)]
pub struct Request {
    pub id: String,
    pub customer: String,
    pub topic: &'static str,
    pub departments: Vec<Department>,
    pub raised_at: Instant,
    pub answered: Vec<(Department, Instant)>,
    pub settled_at: Option<Instant>,
}

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;

impl Setting<'_> {
    /// The outage in which a case is connected, once its last works have passed; none where it is done live.
    pub fn outage(&self, number: u64, case: &Case) -> Option<Outage> {
        let of = &case.application;
        let dice = &mut Dice::new(self.seed, Subject::Outage, number);
        let live = dice.chance(LIVE_LINE[usize::from(of.voltage_kv >= 35.0)]);
        let given_up = of.cancelled_at.is_some() && of.energised_at.is_none();
        if of.voltage_kv < 1.0 || live || given_up {
            return None;
        }
        let energisation = case.passes.iter().find(|pass| pass.step == Step::Energisation)?;
        let ready_at = case
            .passes
            .iter()
            .filter(|pass| matches!(pass.step, Step::GridWorks | Step::FinalInspection | Step::Metering))
            .filter_map(|pass| pass.finished_at)
            .filter(|at| *at <= energisation.started_at)
            .max()?;
        let before = dice.between(60, 240) * MINUTE;
        let affects_others = dice.chance(if of.new_feeder == Some(true) { 0.15 } else { 0.5 });
        let nth = 1 + dice.weighed(OUTAGES[usize::from(affects_others)].into_iter()) as i64;
        let approved = if nth >= 3 { Some(dice.chance(APPROVED - 0.1 * of.bureau.lateness)) } else { None };
        let told = dice.chance(0.9);
        let outage_at = of.energised_at.map(|at| at.plus_seconds(-before).max(ready_at));
        let (planned_on, announced_at) =
            self.planning(number, ready_at.day(), outage_at.map(Instant::day), affects_others);
        Some(Outage {
            id: format!("TD{number:07}"),
            ready_at,
            outage_at,
            planned_on,
            announced_at,
            affects_others,
            outages_this_year: dice.chance(0.98).then_some(nth),
            special_approval: approved.or(told.then_some(false)),
        })
    }

    /// For which day an outage is planned, and when that was announced to those whom it concerns. What has not come
    /// about is planned anew, unless nobody has come to it.
    fn planning(
        &self,
        number: u64,
        ready_on: Day,
        outage_on: Option<Day>,
        affects_others: bool,
    ) -> (Option<Day>, Option<Instant>) {
        let dice = &mut Dice::new(self.seed, Subject::Planning, number);
        let (moved, shift) = (dice.chance(0.2), dice.between(1, 6) as i32);
        let (wait_wd, anew, ahead) =
            (dice.between(3, 9) as i32, dice.between(2, 16) as i32, dice.between(7, 12) as i32);
        let (forgotten, known, late) = (dice.chance(0.12), dice.chance(0.85), dice.chance(0.14));
        let exported_on = self.exported_at.day();
        let planned_on = match outage_on {
            Some(outage_on) if moved => outage_on.plus_days(-shift).max(ready_on),
            Some(outage_on) => outage_on,
            None => {
                let first = self.calendar.first_day(self.calendar.ordinal(ready_on) + wait_wd);
                if first <= exported_on && !forgotten {
                    self.calendar.next_working(exported_on.plus_days(anew))
                } else {
                    first
                }
            }
        };
        let planned_on = (known || outage_on.is_some()).then_some(planned_on);
        let ahead = if late { ahead - 6 } else { ahead };
        let announced_at = planned_on.filter(|_| affects_others).map(|on| {
            let on = on.plus_days(-ahead);
            Instant::at(on, OPENS_S + dice.between(0, 16) * HOUR / 2)
        });
        (planned_on, announced_at.filter(|at| *at <= self.exported_at))
    }

    /// What a case had coordinated between departments, if anything.
    pub fn coordination(&self, number: u64, case: &Case) -> Option<Request> {
        let of = &case.application;
        let dice = &mut Dice::new(self.seed, Subject::Coordination, number);
        let share = COORDINATED[usize::from(of.promised_on.is_some())];
        if of.voltage_kv < 1.0 || !dice.chance(share) {
            return None;
        }
        let later = case.passes.iter().filter(|pass| (Step::Scheme..=Step::Energisation).contains(&pass.step));
        let started: Vec<Day> = later.map(|pass| pass.started_at.day()).collect();
        if started.is_empty() {
            return None;
        }
        let day = dice.pick(&started).plus_days(dice.between(1, 5) as i32);
        let end = of.cancelled_at.unwrap_or(self.exported_at).min(self.exported_at);
        let request = self.ask(dice, format!("XT{number:07}"), of.customer_name.clone(), day);
        (request.raised_at <= end).then_some(request)
    }

    /// The request of that number, of a customer who has no application.
    pub fn request(&self, number: u64) -> Option<Request> {
        let dice = &mut Dice::new(self.seed, Subject::Request, number);
        let customer = format!("某{}用户{:04}", dice.pick(&TRADES), 5000 + dice.between(0, 4999));
        let day = self.day(dice, &self.demand);
        let request = self.ask(dice, format!("XF{number:07}"), customer, day);
        (request.raised_at <= self.exported_at).then_some(request)
    }

    /// The manager writes to all departments in the morning, and they are to answer the same afternoon (docs/method.md §5).
    fn ask(&self, dice: &mut Dice, id: String, customer: String, day: Day) -> Request {
        let raised_on = self.calendar.next_working(day);
        let raised_at = Instant::at(raised_on, OPENS_S + dice.between(0, 110) * MINUTE);
        let (topic, concerned) = dice.pick(&TOPICS);
        let most = 1 + dice.weighed([14_u32, 40, 31, 15].into_iter());
        let mut departments = concerned.to_vec();
        while departments.len() > most {
            departments.remove(dice.between(0, departments.len() as i64 - 1) as usize);
        }
        let first = self.calendar.ordinal(raised_on);
        let mut answered = Vec::with_capacity(departments.len());
        for department in &departments {
            let dispatch = *department == Department::Dispatch;
            let wd = match dice.weighed(ANSWERS_WD[usize::from(dispatch)].into_iter()) {
                0 => 0,
                1 => 1,
                2 => dice.between(2, 4) as i32,
                3 => dice.between(5, 11) as i32,
                _ => continue,
            };
            let minute = if wd == 0 { dice.between(270, 540) } else { dice.between(0, 500) };
            let at = Instant::at(self.calendar.first_day(first + wd), OPENS_S + minute * MINUTE);
            answered.push((*department, at));
        }
        answered.sort_by_key(|(_, at)| *at);
        // What is not settled by the last answer waits for the next weekly meeting.
        let last = answered.last().map(|(_, at)| *at).filter(|_| answered.len() == departments.len());
        let settled_at = last.filter(|_| dice.chance(0.95)).map(|at| {
            let (soon, met) = (dice.between(10, 90) * MINUTE, dice.between(1, 4) as i32);
            let met = self.calendar.first_day(self.calendar.ordinal(at.day()) + met);
            if dice.chance(0.75) { at.plus_seconds(soon) } else { Instant::at(met, 10 * HOUR + soon) }
        });
        answered.retain(|(_, at)| *at <= self.exported_at);
        Request {
            id,
            customer,
            topic,
            departments,
            raised_at,
            answered,
            settled_at: settled_at.filter(|at| *at <= self.exported_at),
        }
    }
}
