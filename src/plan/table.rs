//! `plan.csv`: one row per step of a project, for programs.
//!
//! Joined to `stages` by `application_id` and `stage`, its `due_on` is the stage's limit: counted from `start_on` it
//! is `limit_wd`. What is done, or was passed over, has none. The customer's activities are rows of the kind
//! `customer`, whose codes are in no `stages`.

use super::project::{Line, Project, Todo};
use crate::calendar::Day;
use crate::error::{Error, Result};
use crate::spelling::harmless;

const HEADERS: [&str; 20] = [
    "application_id",
    "stage",
    "pass",
    "name",
    "kind",
    "department",
    "state",
    "started_on",
    "finished_on",
    "earliest_start_on",
    "earliest_finish_on",
    "start_on",
    "due_on",
    "limit_wd",
    "slack_wd",
    "is_critical",
    "basis",
    "basis_passes",
    "customer_duty",
    "customer_by_on",
];

/// The table of all projects, UTF-8 with a mark, so that spreadsheets read its Chinese.
pub fn csv(projects: &[Project]) -> Result<Vec<u8>> {
    const PLAN: &str = "plan.csv";
    let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    let rows = projects.iter().flat_map(|project| project.lines.iter().map(move |line| row(project, line)));
    for row in std::iter::once(HEADERS.map(str::to_owned)).chain(rows) {
        writer.write_record(&row).map_err(Error::render(PLAN))?;
    }
    writer.into_inner().map_err(Error::render(PLAN))
}

fn row(project: &Project, line: &Line) -> [String; 20] {
    let date = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
    let todo = line.todo.as_ref();
    let planned = |of: &dyn Fn(&Todo) -> Day| date(todo.map(of));
    let text = |of: &dyn Fn(&Todo) -> String| todo.map(of).unwrap_or_default();
    let duty = todo.and_then(|todo| todo.duty.as_ref());
    [
        harmless(&project.application.application_id).into_owned(),
        harmless(&line.code).into_owned(),
        line.pass.to_string(),
        harmless(&line.name).into_owned(),
        if line.is_customers { "customer" } else { "stage" }.to_owned(),
        harmless(&line.department).into_owned(),
        line.standing.code().to_owned(),
        date(line.started_on),
        date(line.finished_on),
        planned(&|todo| todo.days.earliest.start),
        planned(&|todo| todo.days.earliest.finish),
        planned(&|todo| todo.start_on),
        planned(&|todo| todo.due_on),
        text(&|todo| todo.limit_wd.to_string()),
        text(&|todo| todo.days.slack_wd.to_string()),
        text(&|todo| todo.days.is_critical.to_string()),
        text(&|todo| todo.ground.name().to_owned()),
        text(&|todo| todo.ground.passes().map(|passes| passes.to_string()).unwrap_or_default()),
        duty.map(|(text, _)| harmless(text).into_owned()).unwrap_or_default(),
        date(duty.map(|(_, by)| *by)),
    ]
}
