//! The grid that applications hang on: feeders and stations, and how loaded they are.

use yekuo_calendar::Day;

use super::dice::{Dice, Subject};
use super::setting::{Setting, season};
use super::world::{BUREAUS, SEASON_LOAD};

/// One row of `restrictions`.
#[derive(Clone, Debug)]
pub struct Restriction {
    pub feeder_or_station: String,
    pub bureau: &'static str,
    pub month: Day,
    pub load_rate: f64,
    pub limit_kva: Option<f64>,
}

/// Places of each bureau, after which its lines and stations are named.
const PLACES: [[&str; 8]; BUREAUS.len()] = [
    ["城中", "钟楼", "文昌", "解放", "学府", "东门", "人民", "鼓楼"],
    ["城北", "双桥", "北苑", "锦园", "长青", "站前", "兴隆", "柳林"],
    ["滨江", "临港", "江堤", "沙洲", "望江", "码头", "芦洲", "渔港"],
    ["科创", "高新", "金桥", "创业", "光电", "汇智", "新园", "软件"],
    ["临湖", "湖东", "荷塘", "湖西", "稻香", "菱湖", "圩田", "白鹭"],
    ["青山", "石桥", "竹海", "茶岭", "松坡", "清溪", "梅坞", "云峰"],
];
/// A bureau's devices by kind: how many, how many share the kind's customers (weights), and the usual load of the
/// first; the others have less.
const KINDS: [(usize, [u32; 8], f64); 4] = [
    (8, [24, 18, 14, 12, 11, 8, 7, 6], 0.88),
    (2, [60, 40, 0, 0, 0, 0, 0, 0], 0.74),
    (2, [60, 40, 0, 0, 0, 0, 0, 0], 0.82),
    (1, [1, 0, 0, 0, 0, 0, 0, 0], 0.70),
];
/// How much less loaded the next device of a kind is than the one before.
const STEP_DOWN: f64 = 0.055;
/// The load from which a device is published, 0–1.
const HEAVY: f64 = 0.80;

/// The name of a device: 10 kV and 20 kV lines, 110 kV and 220 kV stations.
fn name(bureau_at: usize, kind: usize, nth: usize) -> String {
    let places = &PLACES[bureau_at];
    match (kind, nth) {
        (0, 0) => format!("10kV{}一线", places[0]),
        (0, 1) => format!("10kV{}二线", places[0]),
        (0, _) => format!("10kV{}线", places[nth - 1]),
        (1, _) => format!("20kV{}线", places[nth + 3]),
        (2, _) => format!("110kV{}变", places[nth * 2]),
        _ => format!("220kV{}变", places[7]),
    }
}

impl Setting<'_> {
    /// What the application of that number hangs on: a line; a station, where it gets a line of its own.
    pub fn access(&self, number: u64, bureau_at: usize, voltage_kv: f64, new_feeder: bool) -> String {
        let kind = match voltage_kv {
            kv if kv >= 110.0 => 3,
            kv if kv >= 35.0 || new_feeder => 2,
            kv if kv > 10.0 => 1,
            _ => 0,
        };
        let nth = Dice::new(self.seed, Subject::Access, number).weighed(KINDS[kind].1.into_iter());
        name(bureau_at, kind, nth)
    }

    /// The heavily loaded and the limited devices of every whole month, as the dispatch centre publishes them.
    pub fn restrictions(&self) -> Vec<Restriction> {
        let mut all = Vec::new();
        for (ago, month) in self.whole_months() {
            for (bureau_at, bureau) in BUREAUS.iter().enumerate() {
                for (kind, (count, _, usual)) in KINDS.into_iter().enumerate() {
                    for nth in 0..count {
                        let device = (bureau_at * 100 + kind * 10 + nth) as u64;
                        let load = usual - nth as f64 * STEP_DOWN + SEASON_LOAD[season(month)] - 0.001 * f64::from(ago);
                        let listed = self.restriction(device, month, load);
                        all.extend(listed.map(|(load_rate, limit_kva)| Restriction {
                            feeder_or_station: name(bureau_at, kind, nth),
                            bureau: bureau.name,
                            month,
                            load_rate,
                            limit_kva,
                        }));
                    }
                }
            }
        }
        all
    }

    /// The load rate and the capacity still open of a device in a month, if it is published.
    fn restriction(&self, device: u64, month: Day, load: f64) -> Option<(f64, Option<f64>)> {
        let months = month.year() as u64 * 12 + season(month) as u64;
        // Works on a station, or a line that waits for a switch, limit a device for half a year.
        let limited = Dice::new(self.seed, Subject::Load, device * 100_000 + months / 6).chance(0.07);
        let dice = &mut Dice::new(self.seed, Subject::Load, (device + 1000) * 100_000 + months);
        let load = ((load + 0.06 * (dice.middling() - 0.5)).clamp(0.6, 1.15) * 100.0).round() / 100.0;
        let told = dice.chance(0.6);
        let limit_kva = match load {
            load if load >= 1.0 => Some(dice.pick(&[0.0, 0.0, 200.0, 315.0, 630.0])),
            load if load >= 0.9 && told => Some(dice.pick(&[630.0, 800.0, 1000.0, 1600.0, 2000.0])),
            _ if limited => Some(dice.pick(&[1000.0, 2000.0, 3150.0, 4000.0])),
            _ => None,
        };
        (load >= HEAVY || limited).then_some((load, limit_kva))
    }
}
