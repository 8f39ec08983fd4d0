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
        trend: trend(&[places.iter().map(|(x, c)| (*x, c.mitotic)).collect()]),
        trend_by_majority: trend(&[true, false].map(|m| of(m).map(|(x, c)| (*x, c.mitotic)).collect())),
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
fn trend(strata: &[Vec<(f64, bool)>]) -> Option<Trend> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn near(got: f64, wanted: f64) -> bool {
        (got - wanted).abs() <= 1e-12 * wanted.abs().max(1e-12)
    }

    #[test]
    fn shares_have_wilsons_interval() {
        // statsmodels.stats.proportion.proportion_confint(k, n, method="wilson"), 0.15.0.
        for (k, n, low, high) in [
            (0, 10, 0.0, 0.27753279986288926),
            (3, 10, 0.10779126740630104, 0.6032218525388546),
            (10, 10, 0.7224672001371106, 1.0),
            (57, 100, 0.47215389549212305, 0.6626670147588988),
            (1, 250, 0.0007064475340650966, 0.022305785565415927),
        ] {
            let got = share(k, n).interval;
            assert!((got.0 - low).abs() < 1e-14 && (got.1 - high).abs() < 1e-14, "{k} of {n}: {got:?}");
        }
        assert_eq!(share(0, 0), Share { mitotic: 0, ballots: 0, share: None, interval: (0.0, 1.0) });
    }

    #[test]
    fn the_normal_tails_keep_their_digits() {
        // 2 * scipy.stats.norm.sf(z).
        for (z, p) in [
            (0.0, 1.0),
            (0.3, 0.7641771556220948),
            (1.0, 0.31731050786291415),
            (1.7, 0.08913092551708608),
            (1.8, 0.07186063822585158),
            (1.959_963_984_540_054, 0.05),
            (3.0, 0.0026997960632601866),
            (6.0, 1.973175290075389e-09),
            (12.0, 3.552964224155306e-33),
        ] {
            assert!(near(two_sided(z), p) && near(two_sided(-z), p), "{z}: {} not {p}", two_sided(z));
        }
    }

    const CALLS: &str = "1011011011100101001000100100001000001000";
    const OTHERS: &str = "1011010011100111001010101100101001011000";

    fn calls() -> Vec<Call> {
        let others = OTHERS.chars().map(|c| Some(c == '1'));
        let call = |(i, (c, majority))| Call { time: f64::from(i) * 9.0, mitotic: c == '1', majority };
        (0..).zip(CALLS.chars().zip(others)).map(call).collect()
    }

    #[test]
    fn a_cut_off_that_moves_is_found() {
        // statsmodels.stats.contingency_tables.Table.test_ordinal_association with the ballots' places as scores, and
        // the same summed over the two strata.
        let found = drift(&calls(), 15);
        let trend = found.trend.unwrap();
        assert!(near(trend.z, -2.5283176706858734) && near(trend.p, 0.011461059872093655), "{trend:?}");
        let within = found.trend_by_majority.unwrap();
        assert!(near(within.z, -2.477564396983963) && near(within.p, 0.013228253509819135), "{within:?}");
        let counts: Vec<_> = found
            .windows
            .iter()
            .map(|w| {
                (w.from, w.to, w.all.mitotic, w.all.ballots, w.where_majority.ballots, w.where_not.mitotic)
            })
            .collect();
        assert_eq!(
            counts,
            [(0.0, 126.0, 9, 15, 9, 1), (135.0, 261.0, 4, 15, 7, 0), (270.0, 351.0, 2, 10, 4, 0)]
        );
    }

    #[test]
    fn the_order_of_the_calls_in_the_list_is_of_no_matter() {
        let mut mixed = calls();
        mixed.reverse();
        mixed.swap(3, 30);
        assert_eq!(drift(&mixed, 7), drift(&calls(), 7));
    }

    #[test]
    fn nothing_moves_where_nothing_can() {
        let mut same = calls();
        same.iter_mut().for_each(|c| c.mitotic = true);
        let found = drift(&same, 0);
        assert_eq!((found.trend, found.trend_by_majority, found.windows.len()), (None, None, 40));
        assert_eq!(drift(&[], 10), Drift { windows: vec![], trend: None, trend_by_majority: None });
        let unknown: Vec<Call> = calls().into_iter().map(|c| Call { majority: None, ..c }).collect();
        let found = drift(&unknown, 40);
        assert!(found.trend.is_some() && found.trend_by_majority.is_none());
        assert_eq!(found.windows[0].where_majority.ballots, 0);
    }
}
