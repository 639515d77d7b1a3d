//! What the life of one application leaves behind, before it is laid out in rows.

use yekuo_calendar::{Day, Instant};

use super::hotline::Call;
use super::world::{Bureau, Department, Step};

/// One row of `applications`.
#[derive(Clone, Debug)]
pub struct Application {
    pub id: String,
    pub customer_name: String,
    pub customer_phone: String,
    pub bureau: &'static Bureau,
    pub area: &'static str,
    pub channel: &'static str,
    pub voltage_kv: f64,
    pub capacity_kva: f64,
    pub supply: Option<&'static str>,
    pub new_feeder: Option<bool>,
    pub key_project: bool,
    pub mode: Option<&'static str>,
    pub manager_id: String,
    pub accepted_at: Instant,
    pub desired_on: Option<Day>,
    pub promised_on: Option<Day>,
    pub replanned_on: Option<Day>,
    pub energised_at: Option<Instant>,
    pub cancelled_at: Option<Instant>,
    pub visits: i64,
    pub feeder_or_station: Option<String>,
    pub designer: Option<&'static str>,
    pub builder: Option<&'static str>,
    pub supplier: Option<&'static str>,
    pub fee_charged: Option<f64>,
    pub fee_standard: f64,
}

/// One row of `stages`.
#[derive(Clone, Debug)]
pub struct Pass {
    pub step: Step,
    pub pass: i64,
    pub department: Department,
    pub handler: String,
    pub started_at: Instant,
    pub finished_at: Option<Instant>,
    pub due_on: Option<Day>,
    pub planned_start_on: Option<Day>,
}

/// One row of `delays`.
#[derive(Clone, Debug)]
pub struct Claim {
    pub id: String,
    pub step: Option<Step>,
    pub cause: &'static str,
    pub began_at: Instant,
    pub ended_at: Option<Instant>,
    pub reported_at: Option<Instant>,
    pub ruling: Option<&'static str>,
    pub reason: &'static str,
    pub ruled_at: Option<Instant>,
    pub ruled_by: Option<&'static str>,
    pub confirmed_at: Option<Instant>,
}

/// One row of `replans`.
#[derive(Clone, Debug)]
pub struct Replan {
    pub replanned_at: Instant,
    pub promised_on: Day,
    pub reason: &'static str,
}

/// An application with everything that its life leaves behind.
#[derive(Clone, Debug)]
pub struct Case {
    pub application: Application,
    pub passes: Vec<Pass>,
    pub claims: Vec<Claim>,
    pub replans: Vec<Replan>,
    pub calls: Vec<Call>,
}
