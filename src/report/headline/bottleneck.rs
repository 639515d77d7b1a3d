//! The figures of the bottlenecks: who delays the applications, what meeting limits would save, how much of the
//! cycle is waiting, and how often stages are done again.

use super::Headline;
use crate::cells::{percent, shown};
use crate::decimal::fixed;
use crate::error::Result;
use crate::flow::days::Whose;
use crate::report::Input;
use crate::report::declared::Head;

/// One department as `bottleneck_department` shows it.
struct Bottleneck {
    department: String,
    critical_share: f64,
    energised: i64,
    /// Calendar days; none where nothing is energised.
    mean_days: Option<f64>,
    what_if_days: Option<f64>,
}

/// The department of which a figure is greatest; the first of equals. The customer and other causes are none.
fn bottleneck(input: &Input<'_>, figure: impl Fn(&Bottleneck) -> f64) -> Result<Option<Bottleneck>> {
    let Some(columns) = input.mart("bottleneck_department")? else { return Ok(None) };
    let (departments, shares) = (columns.texts("department")?, columns.numbers("critical_share")?);
    let (energised, mean_days) = (columns.integers("energised")?, columns.numbers("mean_days")?);
    let what_if_days = columns.numbers("what_if_days")?;
    let mut greatest: Option<Bottleneck> = None;
    for row in 0..departments.len() {
        let department = departments.get(row).filter(|department| Whose::of_code(department).is_none());
        if let (Some(department), Some(critical_share)) = (department, shares[row]) {
            let department = Bottleneck {
                department: department.to_owned(),
                critical_share,
                energised: energised[row].unwrap_or(0),
                mean_days: mean_days[row],
                what_if_days: what_if_days[row],
            };
            if greatest.as_ref().is_none_or(|greatest| figure(&department) > figure(greatest)) {
                greatest = Some(department);
            }
        }
    }
    Ok(greatest)
}

/// The department that holds most of the critical path, and its share.
pub(crate) fn holds_most(input: &Input<'_>) -> Result<Option<(String, f64)>> {
    let found = bottleneck(input, |department| department.critical_share)?;
    Ok(found.filter(|found| found.critical_share > 0.0).map(|found| (found.department, found.critical_share)))
}

/// The department that would bring the most, had it met its limits; the mean cycle in days as it is, and would be.
pub(crate) fn gains_most(input: &Input<'_>) -> Result<Option<(String, f64, f64)>> {
    let most = bottleneck(input, |department| department.what_if_days.unwrap_or(0.0))?;
    Ok(most.and_then(|found| {
        let (mean, gain) = (found.mean_days?, found.what_if_days.filter(|gain| *gain > 0.0)?);
        Some((found.department, mean, mean - gain))
    }))
}

/// The department with the greatest share of the critical path.
pub(super) fn greatest(input: &Input<'_>, head: &Head) -> Result<Headline> {
    let lang = input.lang;
    let found = bottleneck(input, |department| department.critical_share)?.map(|found| {
        let share = percent(found.critical_share);
        (found.department, lang.pick(format!("占关键路径 {share}"), format!("{share} of the critical path")))
    });
    Ok(headline(input, head, found))
}

/// The department that would bring the most, had it met its limits.
pub(super) fn gain(input: &Input<'_>, head: &Head) -> Result<Headline> {
    let lang = input.lang;
    let most = bottleneck(input, |department| department.what_if_days.unwrap_or(0.0))?;
    let found = most.and_then(|found| {
        let (mean, gain) = (found.mean_days?, found.what_if_days?);
        // What is gained is what both differ by as they are shown.
        let gain = fixed(shown(mean) - shown(mean - gain), 1);
        let [after, mean] = [mean - found.what_if_days?, mean].map(|days| fixed(days, 1));
        let detail = lang.pick(
            format!("平均周期 {mean} → {after} 天（−{gain}），{} 户送电", found.energised),
            format!("mean cycle {mean} → {after} days (−{gain}), {} energised", found.energised),
        );
        Some((found.department, detail))
    });
    Ok(headline(input, head, found))
}

/// The share of the cycles of the energised applications that was waiting on the critical path.
pub(super) fn waiting(input: &Input<'_>, head: &Head) -> Result<Headline> {
    let lang = input.lang;
    let (mut waited, mut cycles) = (0, 0.0);
    if let (Some(columns), Some(found)) =
        (input.mart("bottleneck_department")?, bottleneck(input, |department| department.critical_share)?)
    {
        waited = columns.integers("critical_wait_days")?.iter().flatten().sum::<i64>();
        cycles = found.mean_days.unwrap_or(0.0) * found.energised as f64;
    }
    let found = (cycles > 0.0).then(|| {
        let all = fixed(cycles, 0);
        let detail = lang.pick(format!("{waited} / {all} 自然日"), format!("{waited} / {all} calendar days"));
        (percent(waited as f64 / cycles), detail)
    });
    Ok(headline(input, head, found))
}

/// The share of the applications in which a stage was done again.
pub(super) fn rework(input: &Input<'_>, head: &Head) -> Result<Headline> {
    let lang = input.lang;
    let (mut again, mut all) = (0, 0);
    if let Some(columns) = input.mart("variant")? {
        let (rework, applications) = (columns.integers("rework")?, columns.integers("applications")?);
        for (rework, applications) in rework.into_iter().zip(applications) {
            let applications = applications.unwrap_or(0);
            all += applications;
            again += if rework.unwrap_or(0) > 0 { applications } else { 0 };
        }
    }
    let found = (all > 0).then(|| {
        let detail = lang.pick(format!("{again} / {all} 户"), format!("{again} / {all} applications"));
        (percent(again as f64 / all as f64), detail)
    });
    Ok(headline(input, head, found))
}

fn headline(input: &Input<'_>, head: &Head, found: Option<(String, String)>) -> Headline {
    let (value, detail) = found.unwrap_or_else(|| (input.lang.pick("无", "none").to_owned(), String::new()));
    Headline::plain(head.title(input), value, detail)
}
