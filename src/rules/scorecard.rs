//! How managers are scored, what is proposed for an overdue stage, and what a large customer is.

use serde::Deserialize;

use crate::error::{Mistake, TomlFile};
use crate::words::Words;

/// `scorecard.toml`: how managers are scored, what is proposed for an overdue stage, and what a large customer is.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scorecard {
    /// The weights of the parts of a manager's score.
    pub weights: Weights,
    /// How small samples are treated, and who is at the bottom.
    pub sample: Sample,
    /// What is proposed for an overdue stage.
    pub proposal: Proposal,
    /// What a large customer is.
    pub coverage: Coverage,
    /// Where customer managers belong.
    #[serde(default)]
    pub managers: Managers,
    /// When a connection was on time.
    #[serde(default)]
    pub fulfilment: Fulfilment,
}

/// Where customer managers belong: the stages of other departments cost their score too, and are told apart.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Managers {
    /// The departments, as the exports name them, in any spelling.
    pub departments: Vec<String>,
}

/// The weights of the parts of a manager's score.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// Of stages not overdue.
    pub stage_rate: f64,
    /// Of promises kept.
    pub promise: f64,
    /// Of the customers' scores.
    pub callback: f64,
    /// Of claims reported on time.
    pub timely_claims: f64,
}

/// How small samples are treated, and who is at the bottom.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// Cases by which every rate is shrunk towards the mean of all.
    pub shrink: f64,
    /// Fewer settled stages than this are a small sample.
    pub small: u16,
    /// How many managers are the bottom of a month.
    pub bottom: u16,
    /// After how many months running a manager is flagged.
    pub bottom_months: u16,
}

/// What is proposed for an overdue stage, in points.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    /// For the stage.
    pub per_stage: f64,
    /// For each working day over its limit.
    pub per_wd: f64,
    /// At most.
    pub most: f64,
}

impl Proposal {
    /// The points proposed for a stage that is so many working days over its limit, in thousandths.
    ///
    /// ```
    /// use yekuo::rules::scorecard::Proposal;
    ///
    /// let proposal = Proposal { per_stage: 1.0, per_wd: 0.2, most: 5.0 };
    /// assert_eq!([3, 25].map(|over_wd| proposal.milli(over_wd)), [1_600, 5_000]);
    /// ```
    pub fn milli(&self, over_wd: i32) -> i32 {
        in_thousandths((self.per_stage + self.per_wd * f64::from(over_wd)).min(self.most))
    }
}

/// Points as whole thousandths: SQL adds up whole numbers alone.
pub(crate) fn in_thousandths(points: f64) -> i32 {
    (points * 1_000.0).round_ties_even() as i32
}

/// What a large customer is, and how many of them a full-time manager can serve (docs/method.md §5).
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// The least voltage, in kV.
    pub large_kv: f64,
    /// How many customers a full-time manager can serve.
    pub customers_per_manager: f64,
}

/// 时限达标率: which stages of a high-voltage connection must be within their limits, and how the classes weigh
/// (docs/method.md §5).
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fulfilment {
    /// The stages that count.
    pub nodes: Vec<String>,
    /// The weight of each class in the index, of those that have cases.
    pub weights: FulfilmentWeights,
}

/// The weight of each class in the index of connections on time.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FulfilmentWeights {
    /// Of high voltage.
    pub high: f64,
    /// Of low voltage.
    pub low: f64,
    /// Of generation and charging.
    pub generation: f64,
}

impl Default for Fulfilment {
    fn default() -> Fulfilment {
        let nodes = ["scheme", "design_review", "mid_inspection", "final_inspection", "metering"];
        Fulfilment {
            nodes: nodes.map(str::to_owned).to_vec(),
            weights: FulfilmentWeights { high: 0.6, low: 0.3, generation: 0.1 },
        }
    }
}

impl Scorecard {
    /// Reads a `scorecard.toml`; every mistake of its figures is returned.
    pub(crate) fn open(file: &TomlFile) -> Result<Scorecard, Vec<Mistake>> {
        let scorecard: Scorecard = file.read()?;
        let Scorecard { weights, sample, proposal, coverage, managers: _, fulfilment } = &scorecard;
        let mut mistakes = Vec::new();
        for (section, key, number) in [
            ("weights", "stage_rate", weights.stage_rate),
            ("weights", "promise", weights.promise),
            ("weights", "callback", weights.callback),
            ("weights", "timely_claims", weights.timely_claims),
            ("sample", "shrink", sample.shrink),
            ("proposal", "per_stage", proposal.per_stage),
            ("proposal", "per_wd", proposal.per_wd),
            ("proposal", "most", proposal.most),
            ("coverage", "large_kv", coverage.large_kv),
            ("coverage", "customers_per_manager", coverage.customers_per_manager),
            ("fulfilment", "weights", fulfilment.weights.high),
            ("fulfilment", "weights", fulfilment.weights.low),
            ("fulfilment", "weights", fulfilment.weights.generation),
        ] {
            if !(number.is_finite() && number >= 0.0) {
                let message =
                    Words::new(format!("「{key}」应为不小于 0 的数"), format!("`{key}` is a number of at least 0"));
                mistakes.push(file.at(section).key(key).mistake(message));
            }
        }
        if mistakes.is_empty() { Ok(scorecard) } else { Err(mistakes) }
    }
}
