//! Sizes as people write and read them.

/// The bytes that `text` means: a number of at least 0, maybe with a fraction, and a unit. K, M, G, T, P, E and
/// KiB … EiB are powers of 1024, KB … EB powers of 1000; B or none are bytes. Upper and lower case are the same.
///
/// # Errors
/// A sentence that says what is wrong with it. Zero and negative sizes are refused: there is nothing of that size.
pub(crate) fn parse(text: &str) -> Result<u64, String> {
    let text = text.trim();
    if text.starts_with('-') {
        return Err("a size cannot be negative".to_owned());
    }
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let factor = factor(unit.trim()).ok_or_else(|| not_a_size(text))?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') || number.ends_with('.') {
        return Err(not_a_size(text));
    }
    match bytes(whole, fraction, factor) {
        Some(0) => Err("a size of 0 makes no sense".to_owned()),
        Some(size) => Ok(size),
        None => Err("it is larger than any disk".to_owned()),
    }
}

fn not_a_size(text: &str) -> String {
    format!("'{text}' is not a size like 10GiB, 500M, 1.5G or a number of bytes")
}

fn factor(unit: &str) -> Option<u128> {
    let unit = unit.to_ascii_lowercase();
    let (letter, rest) = match unit.strip_prefix(['k', 'm', 'g', 't', 'p', 'e']) {
        Some(rest) => (unit.chars().next()?, rest),
        None => return matches!(unit.as_str(), "" | "b").then_some(1),
    };
    let power = 1 + "kmgtpe".find(letter)?;
    let base: u128 = match rest {
        "" | "ib" => 1024,
        "b" => 1000,
        _ => return None,
    };
    base.checked_pow(u32::try_from(power).ok()?)
}

fn bytes(whole: &str, fraction: &str, factor: u128) -> Option<u64> {
    let whole: u128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    // More digits than this say nothing about bytes.
    let fraction = &fraction[..fraction.len().min(18)];
    let part: u128 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
    let scale = 10u128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let total = whole.checked_mul(factor)?.checked_add(part.checked_mul(factor)? / scale)?;
    u64::try_from(total).ok().filter(|size| i64::try_from(*size).is_ok())
}

/// The size in whole MiB, as memory is told.
pub(crate) fn mib(bytes: u64) -> u32 {
    u32::try_from(bytes >> 20).unwrap_or(u32::MAX)
}

/// The size for people: at most one decimal, in powers of 1024.
pub(crate) fn human(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    // In tenths, rounded; a unit is left when the next one says it shorter.
    let mut unit = 0;
    let mut tenths = (u128::from(bytes) * 10 + 512) / 1024;
    while tenths >= 10240 && unit + 1 < UNITS.len() {
        unit += 1;
        let size = 1u128 << (10 * (unit + 1));
        tenths = (u128::from(bytes) * 10 + size / 2) / size;
    }
    match (tenths / 10, tenths % 10) {
        (whole, 0) => format!("{whole} {}", UNITS[unit]),
        (whole, tenth) => format!("{whole}.{tenth} {}", UNITS[unit]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_mean_what_people_mean() {
        for (text, bytes) in [
            ("1", 1),
            ("10GiB", 10 << 30),
            ("10 gib", 10 << 30),
            ("500M", 500 << 20),
            ("1.5G", 3 << 29),
            ("1.5GB", 1_500_000_000),
            ("64KB", 64_000),
            ("64k", 65_536),
            (".5K", 512),
            ("4096b", 4096),
            ("0.0005M", 524),
            ("9223372036854775807", i64::MAX as u64),
        ] {
            assert_eq!(parse(text), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn nonsense_is_refused_with_a_sentence() {
        for text in [
            "",
            "0",
            "0GiB",
            "-1",
            "-5G",
            "GiB",
            "1.G",
            "1.2.3G",
            ".",
            "10XB",
            "10iB",
            "1e9",
            "１０",
            "8EiB",
            "16E",
            "99999999999999999999999999999999999999999999G",
            "10 G B",
            "NaN",
            "inf",
            "0x10",
            "10Gi",
            "+5",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_are_shown_short() {
        for (bytes, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1 KiB"),
            (1536, "1.5 KiB"),
            ((1 << 20) - 1, "1 MiB"),
            (10 << 30, "10 GiB"),
            (200_000_000, "190.7 MiB"),
            (u64::MAX, "16 EiB"),
        ] {
            assert_eq!(human(bytes), text);
        }
    }
}
