//! How wide a text is, without a font at hand.
//!
//! Widths of Helvetica and Arial (Adobe's font metrics, in thousandths of the size)
//! and a seventh more, a quarter in bold: as wide as DejaVu Sans, the widest font that
//! browsers are likely to take. What is beyond ASCII is taken to be as wide as it can be.

/// Of the characters from blank to tilde.
const ASCII: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

/// How wide a text is in a size at most, in pixels.
pub(crate) fn width(text: &str, size: i32, bold: bool) -> i32 {
    let sum: i32 = text.chars().map(of).sum();
    let scale = if bold { 1260 } else { 1150 };
    let pixels = i64::from(sum) * i64::from(size) * scale / 1_000_000;
    i32::try_from(pixels).unwrap_or(i32::MAX).saturating_add(1)
}

fn of(c: char) -> i32 {
    let place = u32::from(c).checked_sub(32).and_then(|place| usize::try_from(place).ok());
    match place.and_then(|place| ASCII.get(place)) {
        Some(&width) => i32::from(width),
        None if u32::from(c) < 0x250 => 700,
        None => 1100,
    }
}

/// As much of a text as is no wider than `most`, with an ellipsis if that is less.
pub(crate) fn fitted(text: &str, size: i32, bold: bool, most: i32) -> String {
    if width(text, size, bold) <= most {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if width(&format!("{kept}…"), size, bold) > most {
            kept.pop();
            break;
        }
    }
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_where_it_is_too_wide() {
        assert_eq!(fitted("web", 13, true, 200), "web");
        let cut = fitted("a-rather-long-name-of-a-service", 13, false, 100);
        assert!(cut.ends_with('…') && width(&cut, 13, false) <= 100, "{cut}");
        assert_eq!(fitted("WWWW", 13, false, 1), "…");
    }
}
