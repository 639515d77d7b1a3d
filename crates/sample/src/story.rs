//! The life of one application, from chance.
//!
//! A life is first lived to its end in *ticks* (minutes of office time, so that adding a duration is a sum and never
//! lands on a holiday), then cut off at cancellation and at the moment of the export. Every life has a dice of its
//! own: application 7 is the same whether 10 or 1,000,000 are made.

use yekuo_calendar::{Day, Instant};

use super::case::{Application, Case, Claim, Pass, Replan};
use super::dice::{Dice, Subject};
use super::managers;
use super::setting::{NEVER, OFFICE_MIN, OPENS_S, Setting, Tick, digits};
use super::world::{
    BUILDERS, BUREAUS, CANCELLED, CAUSES, CHANNELS, CONFIRMED_AFTER, COSY, DESIGNERS, Department, HANDOVER_WD,
    LATE_REPORTS, MANAGED_LATENESS, MANAGED_SCORE, ORDER_BUILD, ORDER_SERVED, REPLAN_APART_WD, RESERVE, RESERVE_MAX_WD,
    REWORK, SCORES, SIZES, SLOW_DAYS, SMALL_TRADES, STALLED, SUPPLIERS, Size, Step, TRADES, VERIFIERS,
};

impl Setting<'_> {
    /// The application of that number and all that hangs on it, as known at the export.
    pub fn case(&self, number: u64) -> Case {
        let mut dice = Dice::new(self.seed, Subject::Application, number);
        let mut life = Life::begin(self, &mut dice, number);
        life.live();
        life.into_case(number)
    }
}

/// A pass before its ticks have become instants.
struct Draft {
    step: Step,
    pass: i64,
    start: Tick,
    finish: Tick,
    due_on: Option<Day>,
    planned_start_on: Option<Day>,
}

/// One application while it is lived.
struct Life<'s, 'd> {
    setting: &'s Setting<'s>,
    dice: &'d mut Dice,
    application: Application,
    size: &'static Size,
    /// How good its manager is, −1 to 1.
    quality: f64,
    order: bool,
    /// 0 low voltage, 1 single supply, 2 dual supply.
    class: usize,
    /// Working days from each stage's planned finish to the promised energisation.
    tail_wd: [f64; 12],
    /// The customer's designing and building time as the plan has it.
    plan_design_wd: f64,
    plan_build_wd: f64,
    promised: i64,
    /// Working days by which the running plan was moved.
    moved: i64,
    /// When, before which stage and by how much it was moved.
    moves: Vec<(Tick, Step, i64)>,
    stalls_at: Option<Step>,
    number: u64,
    claims: u32,
    drafts: Vec<Draft>,
    told: Vec<Claim>,
}

impl<'s, 'd> Life<'s, 'd> {
    fn begin(setting: &'s Setting<'s>, dice: &'d mut Dice, number: u64) -> Life<'s, 'd> {
        let bureau_at = dice.weighed(BUREAUS.iter().map(|bureau| bureau.weight));
        let bureau = &BUREAUS[bureau_at];
        let size = &SIZES[dice.weighed(SIZES.iter().map(|size| size.weight))];
        let capacity_kva = dice.pick(size.capacities_kva);
        let low = size.voltage_kv < 1.0;
        let (dual, new_feeder) = (dice.chance(size.dual), dice.chance(size.new_feeder));
        let key_project = dice.chance(size.key);
        let eligible = capacity_kva >= 4000.0 || key_project;
        let order = eligible && dice.chance(if key_project { ORDER_SERVED.1 } else { ORDER_SERVED.0 });
        let mode = (order != eligible || dice.chance(0.9)).then_some(if order { "order" } else { "conventional" });

        let channel = CHANNELS[dice.weighed(CHANNELS.iter().map(|channel| channel.1))].0;
        let mut day = setting.day(dice, &setting.demand);
        if channel != "online" {
            day = setting.calendar.next_working(day).min(setting.exported_at.day());
        }
        let seconds = match channel {
            "online" if dice.chance(0.3) => dice.between(17 * 3600, 22 * 3600),
            _ => dice.between(OPENS_S, 16 * 3600 + 1800),
        };
        let trade = if low { dice.pick(&SMALL_TRADES) } else { dice.pick(&TRADES) };
        let design = (!low).then(|| DESIGNERS[dice.weighed(DESIGNERS.iter().map(|firm| firm.1))].0);
        let fee_standard = if low { 0.0 } else { capacity_kva * if dual { 16.0 } else { 4.0 } };
        let (off, near) = (dice.chance(0.025), dice.chance(0.5));
        let phone = dice.between(0, 9999);
        let area = if dice.chance(bureau.urban) { "urban" } else { "rural" };
        let supply = (!low || dice.chance(0.9)).then_some(if dual { "dual" } else { "single" });
        let manager = dice.between(1, bureau.managers);
        let mut application = Application {
            id: format!("90{}{number:07}", digits(day)),
            customer_name: format!("某{trade}用户{number:04}"),
            customer_phone: format!("139****{phone:04}"),
            bureau,
            area,
            channel,
            voltage_kv: size.voltage_kv,
            capacity_kva,
            supply,
            new_feeder: (!low).then_some(new_feeder),
            key_project,
            mode,
            manager_id: managers::id(bureau_at, manager),
            accepted_at: Instant::at(day, seconds),
            desired_on: None,
            promised_on: None,
            replanned_on: None,
            energised_at: None,
            cancelled_at: None,
            visits: [0, 1, 2, 3, 4][dice.weighed([14_u32, 55, 20, 8, 3].into_iter())],
            feeder_or_station: (!low).then(|| setting.access(number, bureau_at, size.voltage_kv, new_feeder)),
            designer: design,
            builder: (!low).then(|| BUILDERS[dice.weighed(BUILDERS.iter().map(|firm| firm.1))].0),
            supplier: (!low).then(|| SUPPLIERS[dice.weighed(SUPPLIERS.iter().map(|firm| firm.1))].0),
            fee_charged: Some(if off { fee_standard * if near { 1.1 } else { 0.9 } } else { fee_standard }),
            fee_standard,
        };
        if !low && bureau.name == COSY.bureau {
            let market = &mut Dice::new(setting.seed, Subject::Market, number);
            let mut steered =
                |share: f64, firm, to: Option<&'static str>| if market.chance(share) { Some(firm) } else { to };
            application.designer = steered(COSY.designer.1, COSY.designer.0, application.designer);
            application.builder = steered(COSY.builder.1, COSY.builder.0, application.builder);
            application.supplier = steered(COSY.supplier.1, COSY.supplier.0, application.supplier);
        }
        let stalls_at = dice
            .chance(STALLED)
            .then(|| dice.pick(&[Step::DesignReview, Step::GridWorks, Step::FinalInspection, Step::Contract]));
        let class = if low { 0 } else { 1 + usize::from(dual) };
        let mut life = Life {
            setting,
            dice,
            application,
            size,
            quality: managers::quality(bureau_at, manager),
            order,
            class,
            tail_wd: [0.0; 12],
            plan_design_wd: 0.0,
            plan_build_wd: 0.0,
            promised: 0,
            moved: 0,
            moves: Vec::new(),
            stalls_at,
            number,
            claims: 0,
            drafts: Vec::with_capacity(14),
            told: Vec::new(),
        };
        life.plan();
        life
    }

    fn grid_works_wd(&self) -> (f64, f64) {
        self.size.grid_works_wd[usize::from(self.application.new_feeder == Some(true))]
    }

    /// Promises a day and schedules every stage backwards from it, if the service is order-style.
    fn plan(&mut self) {
        let accepted = i64::from(self.setting.calendar.ordinal(self.application.accepted_at.day()));
        let middle = |(low, high): (f64, f64)| (low + high) / 2.0;
        self.plan_design_wd = middle(self.size.design_wd) * 0.85;
        let build_wd = middle(self.size.build_wd);
        self.plan_build_wd = build_wd + (build_wd * self.dice.within(RESERVE)).min(RESERVE_MAX_WD);
        let supply = usize::from(self.class == 2);
        let trunk = if self.size.voltage_kv >= 35.0 { 1.5 } else { 1.0 };
        let wd = |step: Step| match step {
            Step::Scheme | Step::DesignReview => step.facts().plan_wd[supply] * trunk,
            _ => step.facts().plan_wd[supply],
        };
        let mut tail = [0.0; 12];
        tail[Step::Metering as usize] = wd(Step::Energisation);
        tail[Step::GridWorks as usize] = wd(Step::Energisation);
        tail[Step::FinalInspection as usize] = tail[Step::Metering as usize] + wd(Step::Metering);
        tail[Step::Contract as usize] = tail[Step::FinalInspection as usize];
        tail[Step::MidInspection as usize] =
            tail[Step::FinalInspection as usize] + wd(Step::FinalInspection) + self.plan_build_wd * 0.4;
        tail[Step::DesignReview as usize] =
            tail[Step::MidInspection as usize] + wd(Step::MidInspection) + self.plan_build_wd * 0.6;
        let by_review = tail[Step::DesignReview as usize] + wd(Step::DesignReview) + self.plan_design_wd;
        let by_works = tail[Step::GridWorks as usize] + middle(self.grid_works_wd()) + 2.0;
        let scheme = by_review.max(by_works);
        tail[Step::Scheme as usize] = scheme;
        tail[Step::Fee as usize] = scheme - wd(Step::Fee);
        tail[Step::Survey as usize] = scheme + wd(Step::Scheme);
        tail[Step::Acceptance as usize] = tail[Step::Survey as usize] + wd(Step::Survey);
        tail[Step::Archiving as usize] = -wd(Step::Archiving);
        self.tail_wd = tail;
        let total = tail[Step::Acceptance as usize] + wd(Step::Acceptance);
        self.promised = accepted + total as i64 + 1;
        let promised_on = self.setting.day_of(self.promised);
        let hoped = self.dice.between(-24, 12) as i32;
        if self.order {
            self.application.promised_on = Some(promised_on);
            self.application.desired_on = Some(promised_on.plus_days(hoped));
        } else if self.class > 0 && self.dice.chance(0.8) {
            self.application.desired_on = Some(promised_on.plus_days(hoped));
        }
    }

    /// When the plan, as it stands now, wants `step` finished.
    fn planned(&self, step: Step) -> i64 {
        self.promised + self.moved - self.tail_wd[step as usize] as i64
    }

    /// `wd` working days as office time.
    fn ticks(wd: f64) -> Tick {
        (wd * OFFICE_MIN as f64) as Tick
    }

    fn later(from: Tick, wd: f64) -> Tick {
        if from >= NEVER { NEVER } else { from + Life::ticks(wd) }
    }

    /// Does `step` for the `pass`-th time as soon as `ready`, and says when it was finished.
    fn does(&mut self, step: Step, pass: i64, ready: Tick) -> Tick {
        if ready >= NEVER {
            return NEVER;
        }
        let facts = step.facts();
        let start = ready + Life::ticks(self.dice.within(HANDOVER_WD[usize::from(self.order)]));
        let first = start / OFFICE_MIN;
        let usual = match step {
            Step::GridWorks => self.grid_works_wd(),
            _ => facts.usual_wd[self.class],
        };
        let mut needed = self.dice.within(usual);
        if pass > 1 {
            needed *= 0.6;
        }
        let due = if self.order {
            // A plan that can no longer be held is adjusted (滚动调整) before the next department is measured by it.
            needed = needed.min(facts.plan_wd[usize::from(self.class == 2)].max(usual.0)).max(0.3);
            if step == Step::GridWorks {
                needed = self.dice.within(usual) * 0.9;
            }
            let short = first + needed as i64 + 1 - self.planned(step);
            if short > 1 && step != Step::Archiving && self.dice.chance(0.9) {
                self.moved += short;
                self.moves.push((start, step, short));
            }
            Some(if pass == 1 { self.planned(step) } else { self.planned(step).max(first + 3) })
        } else if step == Step::GridWorks && self.class > 0 {
            // Grid works have a date in the construction plan, regardless of the mode.
            Some(first + usual.1 as i64)
        } else {
            facts.limits_wd.map(|limits| first + i64::from(limits[self.class]))
        };
        let department = self.department(step);
        let late = department.facts().1
            * self.application.bureau.lateness
            * self.setting.lateness(department, self.setting.day_of(first))
            * if self.order { 0.8 } else { 1.0 }
            * (1.0 - MANAGED_LATENESS * self.quality);
        let late = self.dice.chance(late.min(0.6));
        let mut finish = start + Life::ticks(needed).max(12);
        if let Some(due) = due {
            if late {
                finish = finish.max((due + 1 + (self.dice.small() * 11.0) as i64) * OFFICE_MIN + finish % OFFICE_MIN);
            } else if finish / OFFICE_MIN > due && due >= first {
                finish = (start + 20).max(due * OFFICE_MIN + finish % OFFICE_MIN);
            }
        }
        let stalls = self.stalls_at == Some(step) && pass == 1;
        if stalls || self.dice.chance(facts.claims) {
            finish = self.claimed(step, start, finish, due, stalls);
        }
        self.drafts.push(Draft {
            step,
            pass,
            start,
            finish,
            due_on: due.filter(|_| self.order || facts.limits_wd.is_none()).map(|due| self.setting.day_of(due)),
            planned_start_on: due
                .filter(|_| self.order && pass == 1)
                .map(|due| self.setting.day_of(due - facts.plan_wd[usize::from(self.class == 2)] as i64)),
        });
        finish
    }

    fn department(&self, step: Step) -> Department {
        let application = &self.application;
        step.department(application.voltage_kv, application.capacity_kva, application.new_feeder == Some(true))
    }

    /// Holds `step` up, lets the department say so, and returns the later finish.
    fn claimed(&mut self, step: Step, start: Tick, finish: Tick, due: Option<i64>, stalls: bool) -> Tick {
        let dice = &mut *self.dice;
        let (shortest, longest) = step.facts().claim_wd;
        let held =
            Life::ticks(shortest + (longest - shortest) * (0.15 + 0.85 * dice.small() + 0.2 * dice.unit()).min(1.0));
        let began = (start + ((finish - start) as f64 * 0.6 * dice.unit()) as Tick).min(start + Life::ticks(6.0));
        let empty = dice.chance(0.06);
        let cause_at = if stalls { 0 } else { dice.weighed(CAUSES.iter().map(|cause| cause.1)) };
        // A department that claims days without having lost any is found out.
        let idle = !stalls && dice.chance(0.05);
        let outside = idle && dice.chance(0.5);
        let ended = if stalls { NEVER } else { began + held };
        let finish = if stalls {
            NEVER
        } else if idle {
            finish
        } else {
            finish + held
        };
        let began = if outside { finish + Life::ticks(1.5) } else { began };
        let ended = if outside { began + held } else { ended };
        self.tell((!empty).then_some(step), cause_at, began, ended, due, idle);
        if !idle && !stalls && self.dice.chance(0.12) {
            let (from, span) = (began + held / 2, held / 2 + Life::ticks(1.0));
            let cause_at = self.dice.weighed([8_u32, 3, 2, 0, 0].into_iter());
            self.tell(Some(step), cause_at, from, from + span, due, false);
            return finish.max(from + span + 30);
        }
        finish
    }

    /// Writes one delay claim.
    fn tell(&mut self, step: Option<Step>, cause_at: usize, began: Tick, ended: Tick, due: Option<i64>, idle: bool) {
        let setting = self.setting;
        let dice = &mut *self.dice;
        let (cause, _, reasons) = CAUSES[cause_at];
        let first = began / OFFICE_MIN;
        let timely = first + dice.between(0, 2);
        let mut reported = due.map_or(timely, |due| timely.min(due.max(first)));
        let mut told = true;
        if dice.chance(0.09) {
            told = dice.chance(0.8);
            reported = due.unwrap_or(first + 4).max(first) + dice.between(1, 6);
        }
        let report_tick = (reported * OFFICE_MIN + dice.between(0, OFFICE_MIN - 1)).max(began);
        // The verification of a claim takes the marketing department a few weeks.
        let fresh = ended >= NEVER || setting.instant(ended).plus_seconds(25 * Instant::DAY) > setting.exported_at;
        let ruling = match dice.unit() {
            u if fresh && u < 0.55 => Some("pending"),
            u if fresh && u < 0.65 => None,
            u if u < 0.05 => Some("pending"),
            _ if idle => Some("rejected"),
            _ if cause == "internal" => Some("rejected"),
            _ => Some(if dice.chance(0.87) { "admitted" } else { "rejected" }),
        };
        self.claims += 1;
        self.told.push(Claim {
            id: format!("YW{:07}{:02}", self.number, self.claims),
            step,
            cause,
            began_at: setting.instant(began),
            ended_at: (ended < NEVER && !dice.chance(0.006)).then(|| setting.instant(ended)),
            reported_at: told.then(|| setting.instant(report_tick)),
            ruling,
            reason: dice.pick(reasons),
            ruled_at: None,
            ruled_by: None,
            confirmed_at: None,
        });
    }

    /// Does a stage that may fail and be done again.
    fn inspects(&mut self, step: Step, ready: Tick) -> Tick {
        let finish = self.does(step, 1, ready);
        if finish < NEVER && self.dice.chance(REWORK[usize::from(self.order)]) {
            let mended = Life::later(finish, self.dice.within((2.0, 9.0)));
            return self.does(step, 2, mended);
        }
        finish
    }

    /// Lives from acceptance to the archive.
    fn live(&mut self) {
        let accepted = self.accepts();
        let survey = self.does(Step::Survey, 1, accepted);
        let scheme = self.does(Step::Scheme, 1, survey);
        let energised = if self.class == 0 { self.low_voltage(scheme) } else { self.high_voltage(scheme) };
        if energised < NEVER {
            self.application.energised_at = Some(self.setting.instant(energised));
            self.does(Step::Archiving, 1, energised);
        }
    }

    /// Acceptance starts at the click or at the counter, on a Sunday too.
    fn accepts(&mut self) -> Tick {
        let at = self.application.accepted_at;
        let first = i64::from(self.setting.calendar.ordinal(at.day()));
        let minute = ((at.seconds_of_day() - OPENS_S) / 60).max(0);
        let today = self.setting.calendar.is_working(at.day()) && minute < 400 && self.dice.chance(0.65);
        let late = self.dice.chance(Department::Service.facts().1 * self.application.bureau.lateness);
        let finish = match (late, today) {
            (true, _) => (first + self.dice.between(2, 3)) * OFFICE_MIN + self.dice.between(0, 200),
            (_, true) => first * OFFICE_MIN + minute + self.dice.between(8, 60),
            _ => (first + 1) * OFFICE_MIN + self.dice.between(5, 180),
        };
        let due_on = self.order.then(|| self.setting.day_of(self.planned(Step::Acceptance)));
        self.drafts.push(Draft {
            step: Step::Acceptance,
            pass: 1,
            start: i64::MIN,
            finish,
            due_on,
            planned_start_on: None,
        });
        finish
    }

    fn low_voltage(&mut self, scheme: Tick) -> Tick {
        let fee = if self.dice.chance(0.3) { self.does(Step::Fee, 1, scheme) } else { scheme };
        let works = if self.dice.chance(0.4) { self.does(Step::GridWorks, 1, fee) } else { fee };
        let built = Life::later(scheme, self.dice.within(self.size.build_wd));
        let inspected = self.inspects(Step::FinalInspection, built);
        let contract = self.does(Step::Contract, 1, inspected);
        let metered = self.does(Step::Metering, 1, contract);
        self.does(Step::Energisation, 1, metered.max(works))
    }

    fn high_voltage(&mut self, scheme: Tick) -> Tick {
        let order = self.order;
        let fee = if self.dice.chance(0.92) { self.does(Step::Fee, 1, scheme) } else { scheme };
        let design_wd = self.dice.within(self.size.design_wd) * if order { 0.85 } else { 1.0 };
        let reviewed = self.inspects(Step::DesignReview, Life::later(scheme, design_wd));
        // Conventional grid works wait for the fee and the approved design; order-style ones begin with the scheme.
        let works = self.does(Step::GridWorks, 1, if order { scheme } else { fee.max(reviewed) });
        let build_wd = if order {
            self.plan_build_wd * self.dice.within(ORDER_BUILD)
        } else {
            self.dice.within(self.size.build_wd)
        };
        let half_built = Life::later(reviewed, build_wd * 0.6);
        let seen = if self.dice.chance(0.8) { self.does(Step::MidInspection, 1, half_built) } else { half_built };
        let inspected = self.inspects(Step::FinalInspection, Life::later(seen, build_wd * 0.4));
        // Order-style contracts are negotiated while the customer builds.
        let contract = self.does(Step::Contract, 1, if order { seen } else { inspected });
        let metered = self.does(Step::Metering, 1, inspected.max(contract));
        self.does(Step::Energisation, 1, metered.max(works))
    }

    /// The case as the export knows it: cut off where it was cancelled, and at the moment of the export.
    fn into_case(mut self, number: u64) -> Case {
        let setting = self.setting;
        let mut end = setting.exported_at;
        if self.dice.chance(CANCELLED) {
            let at = self.application.accepted_at.plus_seconds(self.dice.between(3, 80) * Instant::DAY);
            let at = setting
                .instant(i64::from(setting.calendar.ordinal(at.day()) + 1) * OFFICE_MIN + self.dice.between(0, 470));
            if self.application.energised_at.is_none_or(|energised| energised > at) && at <= end {
                (self.application.cancelled_at, end) = (Some(at), at);
            }
        }
        self.weekend();
        let energised = self.application.energised_at.take().filter(|at| *at <= end);
        self.application.energised_at = energised;
        let accepted_at = self.application.accepted_at;
        let mut passes = Vec::with_capacity(self.drafts.len());
        let (mut first_unpaid, mut replanned) = (true, false);
        for draft in std::mem::take(&mut self.drafts) {
            let started_at = if draft.start == i64::MIN { accepted_at } else { setting.instant(draft.start) };
            if started_at > end {
                continue;
            }
            let energising = draft.step == Step::Energisation;
            let finished_at = match (draft.finish < NEVER, energising) {
                (true, true) => energised,
                (true, false) => Some(setting.instant(draft.finish)).filter(|at| *at <= end),
                _ => None,
            };
            first_unpaid &= !(draft.step == Step::Fee && finished_at.is_some());
            replanned |= draft.step > Step::Scheme;
            let department = self.department(draft.step);
            passes.push(Pass {
                step: draft.step,
                pass: draft.pass,
                department,
                handler: format!("{:02}{:03}", department as usize + 1, self.dice.between(1, 40)),
                started_at,
                finished_at,
                due_on: draft.due_on,
                planned_start_on: draft.planned_start_on,
            });
        }
        let mut replans = if replanned { self.replans(end) } else { Vec::new() };
        let application = &mut self.application;
        // The plan is agreed on with the customer at the site: before, nothing is promised and no stage has a due date.
        if self.order && !passes.iter().any(|pass| pass.step == Step::Survey && pass.finished_at.is_some()) {
            application.promised_on = None;
            replans.clear();
            passes.iter_mut().for_each(|pass| (pass.due_on, pass.planned_start_on) = (None, None));
        }
        application.replanned_on = replans.last().map(|replan| replan.promised_on);
        if first_unpaid {
            application.fee_charged = None;
        }
        if !passes.iter().any(|pass| pass.step == Step::Scheme && pass.finished_at.is_some()) {
            application.feeder_or_station = None;
        }
        let designed = passes.iter().any(|pass| pass.step >= Step::DesignReview);
        if !designed {
            (application.designer, application.builder, application.supplier) = (None, None, None);
        }
        let mut claims = std::mem::take(&mut self.told);
        claims.retain(|claim| claim.began_at <= end);
        let care = &mut Dice::new(setting.seed, Subject::Care, number);
        for claim in &mut claims {
            if care.chance(LATE_REPORTS * -self.quality) {
                claim.reported_at = claim.reported_at.map(|at| at.plus_seconds(care.between(12, 30) * Instant::DAY));
            }
            claim.ended_at = claim.ended_at.filter(|at| *at <= setting.exported_at).map(|at| at.min(end));
            claim.reported_at = claim.reported_at.filter(|at| *at <= setting.exported_at);
        }
        let ruling = &mut Dice::new(setting.seed, Subject::Ruling, number);
        claims.iter_mut().for_each(|claim| verify(claim, ruling, setting.exported_at));
        let mut calls = match energised {
            None => Vec::new(),
            Some(at) => {
                let days = f64::from(at.day().0 - accepted_at.day().0);
                let slow = days > SLOW_DAYS[self.class.min(1)] + 1.25 * (self.size.build_wd.1 + self.grid_works_wd().1);
                let scores = &SCORES[if self.order { 0 } else { 1 + usize::from(slow) }];
                let due = at.day().plus_months(1);
                setting.calls(self.dice, "connection", number, at.day(), due, scores)
            }
        };
        calls.retain(|call| call.called_at <= setting.exported_at);
        for call in &mut calls {
            let moved = care.chance(MANAGED_SCORE * self.quality.abs());
            let better = if self.quality > 0.0 { 1 } else { -1 };
            call.manager_score = call.manager_score.map(|score| (score + i64::from(moved) * better).clamp(1, 5));
        }
        Case { application: self.application, passes, claims, replans, calls }
    }

    /// What was reported of the moved plan up to `end`: small moves are gathered into one, and so are those of a few days.
    fn replans(&mut self, end: Instant) -> Vec<Replan> {
        let setting = self.setting;
        let dice = &mut Dice::new(setting.seed, Subject::Replan, self.number);
        self.moves.sort_by_key(|(at, ..)| *at);
        let mut told: Vec<(Tick, Replan)> = Vec::new();
        let mut moved = 0;
        for (at, step, short) in self.moves.iter().filter(|(at, ..)| setting.instant(*at) <= end) {
            moved += short;
            if moved <= 2 {
                continue;
            }
            let promised_on = setting.day_of(self.promised + moved);
            let replan =
                Replan { replanned_at: setting.instant(*at), promised_on, reason: dice.pick(step.replanned_for()) };
            match told.last_mut() {
                Some(last) if at - last.0 < Life::ticks(REPLAN_APART_WD) => *last = (*at, replan),
                _ => told.push((*at, replan)),
            }
        }
        told.into_iter().map(|(_, replan)| replan).collect()
    }

    /// Some supplies are cut over on a day off: what would have been live on Monday is live on the Saturday before.
    fn weekend(&mut self) {
        let Some(at) = self.application.energised_at else { return };
        let before = at.day().plus_days(-1);
        let Some(draft) = self.drafts.iter().find(|draft| draft.step == Step::Energisation) else { return };
        let started_before = self.setting.instant(draft.start).day() < before;
        if started_before && !self.setting.calendar.is_working(before) && self.dice.chance(0.3) {
            self.application.energised_at = Some(Instant::at(before, at.seconds_of_day()));
        }
    }
}

/// Says when a claim was ruled on and by whom, and when a long one was confirmed to go on.
fn verify(claim: &mut Claim, dice: &mut Dice, exported_at: Instant) {
    let ruled_in = dice.between(2, 24);
    let known_at = claim.ended_at.into_iter().chain(claim.reported_at).fold(claim.began_at, Instant::max);
    // The office rules before the month is closed, not in the last days before the export.
    let closed_at = exported_at.plus_seconds(-4 * Instant::DAY);
    if matches!(claim.ruling, Some("admitted" | "rejected")) {
        claim.ruled_at = Some(known_at.plus_seconds(ruled_in * Instant::DAY).min(closed_at).max(claim.began_at));
        claim.ruled_by = Some(dice.pick(VERIFIERS));
    }
    let half = claim.ended_at.map(|ended_at| (ended_at.day().0 - claim.began_at.day().0) / 2);
    claim.confirmed_at = half
        .filter(|days| *days > CONFIRMED_AFTER)
        .map(|days| claim.began_at.plus_seconds(i64::from(days) * Instant::DAY));
}
