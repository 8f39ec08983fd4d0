//! Does a rater's cut-off move while a task goes on?
//!
//! Shares in windows of ballots with E. B. Wilson's score interval (J Am Stat Assoc 22 (1927) 209; L. D. Brown,
//! T. T. Cai and A. DasGupta, Stat Sci 16 (2001) 101, recommend it), and a test for a trend over all ballots:
//! P. Armitage, Tests for linear trends in proportions and frequencies, Biometrics 11 (1955) 375, in the form of
//! N. Mantel, Chi-square tests with one degree of freedom, J Am Stat Assoc 58 (1963) 690, which also looks within
//! strata: among what the others called mitotic figures and among what they did not.

/// A ballot, seen as a yes or no.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Call {
    /// Unix time in seconds.
    pub time: f64,
    /// Did the rater say mitotic figure?
    pub mitotic: bool,
    /// Did most of the others, where that is known?
    pub majority: Option<bool>,
}

/// How many of some ballots said mitotic figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// These did.
    pub mitotic: u64,
    /// Of so many.
    pub ballots: u64,
    /// The share; `None` without ballots.
    pub share: Option<f64>,
    /// Wilson's 95 % interval of the share; 0 to 1 without ballots.
    pub interval: (f64, f64),
}

/// Some ballots in a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// Time of the first ballot.
    pub from: f64,
    /// Time of the last one.
    pub to: f64,
    /// Of all ballots.
    pub all: Share,
    /// Of those on which most of the others said mitotic figure: falls when the rater gets stricter.
    pub where_majority: Share,
    /// Of those on which most of the others did not: rises when the rater gets laxer.
    pub where_not: Share,
}

/// A test for a trend over the ballots' order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trend {
    /// Standard normal if nothing moves; above 0 where mitotic figures get more frequent.
    pub z: f64,
    /// Two-sided.
    pub p: f64,
}

/// A rater's calls over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Drift {
    /// Windows of so many ballots as were asked for; the last one may have fewer.
    pub windows: Vec<Window>,
    /// Over all ballots. The cells themselves may differ from early to late; see `trend_by_majority` for what that does
    /// not touch. `None` where all calls are the same.
    pub trend: Option<Trend>,
    /// The same within what the others called mitotic figures and within what they did not, put together: the cut-off,
    /// whatever was shown. `None` where neither has both kinds of calls.
    pub trend_by_majority: Option<Trend>,
}

/// A rater's calls over time, in windows of `window` ballots (at least 1). The calls need not be sorted.
pub fn drift(calls: &[Call], window: usize) -> Drift {
    let mut calls = calls.to_vec();
    calls.sort_by(|a, b| a.time.total_cmp(&b.time));
    let places: Vec<(f64, Call)> = calls.iter().enumerate().map(|(i, c)| (i as f64, *c)).collect();
    let of = |majority: bool| places.iter().filter(move |(_, c)| c.majority == Some(majority));
    Drift {
        windows: calls.chunks(window.max(1)).filter_map(look).collect(),
        trend: trend([places.iter().map(|(x, c)| (*x, c.mitotic)).collect()]),
        trend_by_majority: trend([true, false].map(|m| of(m).map(|(x, c)| (*x, c.mitotic)).collect())),
    }
}

fn look(calls: &[Call]) -> Option<Window> {
    let share_of = |wanted: &dyn Fn(&Call) -> bool| {
        let some = || calls.iter().filter(|c| wanted(c));
        share(some().filter(|c| c.mitotic).count() as u64, some().count() as u64)
    };
    Some(Window {
        from: calls.first()?.time,
        to: calls.last()?.time,
        all: share_of(&|_| true),
        where_majority: share_of(&|c| c.majority == Some(true)),
        where_not: share_of(&|c| c.majority == Some(false)),
    })
}

/// A share with its interval (Wilson 1927).
pub fn share(mitotic: u64, ballots: u64) -> Share {
    /// The 97.5th percentile of the normal distribution.
    const Z: f64 = 1.959_963_984_540_054;
    if ballots == 0 {
        return Share { mitotic, ballots, share: None, interval: (0.0, 1.0) };
    }
    let (n, p) = (ballots as f64, mitotic as f64 / ballots as f64);
    let z2 = Z * Z / n;
    let middle = (p + z2 / 2.0) / (1.0 + z2);
    let half = Z * (p * (1.0 - p) / n + z2 / (4.0 * n)).sqrt() / (1.0 + z2);
    let low = if mitotic == 0 { 0.0 } else { middle - half };
    let high = if mitotic == ballots { 1.0 } else { middle + half };
    Share { mitotic, ballots, share: Some(p), interval: (low, high) }
}

/// Mantel's test: in each stratum the sum of the places of calls of mitotic figures, less what it would be by chance,
/// over its variance when calls are dealt out at random.
fn trend<const N: usize>(strata: [Vec<(f64, bool)>; N]) -> Option<Trend> {
    let (mut excess, mut variance) = (0.0, 0.0);
    for stratum in strata.iter().filter(|s| s.len() > 1) {
        let n = stratum.len() as f64;
        let yes = stratum.iter().filter(|(_, y)| *y).count() as f64;
        let mean = stratum.iter().map(|(x, _)| x).sum::<f64>() / n;
        excess += stratum.iter().filter(|(_, y)| *y).map(|(x, _)| x - mean).sum::<f64>();
        let spread: f64 = stratum.iter().map(|(x, _)| (x - mean).powi(2)).sum();
        variance += yes * (n - yes) / n * spread / (n - 1.0);
    }
    let z = excess / variance.sqrt();
    (variance > 0.0).then(|| Trend { z, p: two_sided(z) })
}

/// The probability of a standard normal number at least as far from 0 as `z`: the complementary error function of
/// |z| / sqrt 2, by its series near 0 and Legendre's continued fraction (Lentz's method) farther out, so that small
/// ones keep their digits.
fn two_sided(z: f64) -> f64 {
    let x = z * z / 2.0;
    // The incomplete gamma function of shape 1/2, whose gamma is the square root of pi.
    let front = (-x).exp() * x.sqrt() / std::f64::consts::PI.sqrt();
    if x < 1.5 {
        let (mut term, mut sum) = (2.0, 2.0);
        for n in 1..100 {
            term *= x / (0.5 + f64::from(n));
            sum += term;
        }
        return 1.0 - front * sum;
    }
    let mut b = x + 0.5;
    let mut c = 1e300;
    let mut d = 1.0 / b;
    let mut fraction = d;
    for n in 1..500 {
        let n = f64::from(n);
        let an = -n * (n - 0.5);
        b += 2.0;
        d = 1.0 / (an * d + b);
        c = b + an / c;
        fraction *= d * c;
        if (d * c - 1.0).abs() < 1e-16 {
            break;
        }
    }
    front * fraction
}
