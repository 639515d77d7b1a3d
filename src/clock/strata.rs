//! What makes applications alike (DOMAIN §6): voltage, supply, feeder and size, as bands that can be compared.

/// Capacity bands: each with the kVA that it stays below, smallest first.
pub const CAPACITY_BANDS: [(f64, &str); 5] = [
    (315.0, "<315"),
    (1_000.0, "315–<1000"),
    (4_000.0, "1000–<4000"),
    (10_000.0, "4000–<10000"),
    (f64::INFINITY, "≥10000"),
];

/// Voltage classes: each with the kV that it stays below, lowest first.
pub const VOLTAGE_CLASSES: [(f64, &str); 4] =
    [(1.0, "<1 kV"), (35.0, "1–<35 kV"), (110.0, "35–<110 kV"), (f64::INFINITY, "≥110 kV")];

fn band(bands: &[(f64, &'static str)], value: f64) -> &'static str {
    let inside = bands.iter().find(|(below, _)| value < *below).or(bands.last());
    inside.map_or("", |(_, name)| name)
}

/// The capacity band of an application, `capacity_kva` in kVA.
pub fn capacity_band(capacity_kva: f64) -> &'static str {
    band(&CAPACITY_BANDS, capacity_kva)
}

/// The voltage class of an application, `voltage_kv` in kV.
pub fn voltage_class(voltage_kv: f64) -> &'static str {
    band(&VOLTAGE_CLASSES, voltage_kv)
}

/// The stratum in both languages; an empty supply is single, an empty new feeder none.
///
/// ```
/// use yekuo::clock::strata::stratum;
/// assert_eq!(
///     stratum(10.0, None, None, 500.0),
///     "10 kV 单电源 不需新建线路 315–<1000 kVA · 10 kV, single supply, no new feeder, 315–<1000 kVA"
/// );
/// ```
pub fn stratum(voltage_kv: f64, supply: Option<&str>, new_feeder: Option<bool>, capacity_kva: f64) -> String {
    let dual = supply == Some("dual");
    let new_feeder = new_feeder == Some(true);
    let band = capacity_band(capacity_kva);
    format!(
        "{voltage_kv} kV {} {} {band} kVA · {voltage_kv} kV, {} supply, {} feeder, {band} kVA",
        if dual { "双电源" } else { "单电源" },
        if new_feeder { "需新建线路" } else { "不需新建线路" },
        if dual { "dual" } else { "single" },
        if new_feeder { "new" } else { "no new" },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_begins_with_its_lower_limit() {
        let capacities = [0.0, 314.9, 315.0, 999.0, 1_000.0, 3_999.0, 4_000.0, 9_999.9, 10_000.0, 1e9];
        let expected = ["<315", "<315", "315–<1000", "315–<1000", "1000–<4000", "1000–<4000", "4000–<10000"];
        assert_eq!(capacities.map(capacity_band)[..7], expected);
        assert_eq!(capacities.map(capacity_band)[7..], ["4000–<10000", "≥10000", "≥10000"]);
        assert_eq!(
            [0.4, 1.0, 10.0, 20.0, 35.0, 66.0, 110.0, 500.0].map(voltage_class),
            ["<1 kV", "1–<35 kV", "1–<35 kV", "1–<35 kV", "35–<110 kV", "35–<110 kV", "≥110 kV", "≥110 kV"]
        );
    }
}
