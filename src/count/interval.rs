//! Confidence intervals of counts.

use std::f64::consts::PI;

/// The share of either tail of a 95 % interval.
const TAIL: f64 = 0.025;

/// The exact 95 % interval of a Poisson count (Garwood 1936): lower and upper bound of the expected count.
///
/// The bounds are half the chi-square quantiles: of 2.5 % with 2k, of 97.5 % with 2k + 2 degrees of freedom. Right to
/// about 12 digits.
pub fn poisson(count: u32) -> (f64, f64) {
    let k = f64::from(count);
    let lower = if count == 0 { 0.0 } else { gamma_quantile(k, TAIL, false) };
    (lower, gamma_quantile(k + 1.0, TAIL, true))
}

/// The x at which the gamma distribution of shape `a` >= 1 has `tail` below it, or above it.
fn gamma_quantile(a: f64, tail: f64, above: bool) -> f64 {
    // Wilson and Hilferty's approximation is a few per mille off; Newton's steps, kept in a bracket, do the rest.
    let z = if above { 1.959_963_985 } else { -1.959_963_985 };
    let c = 1.0 / (9.0 * a);
    let mut x = a * (1.0 - c + z * c.sqrt()).max(1e-3).powi(3);
    let (mut low, mut high) = (0.0, 20.0 * a + 100.0);
    for _ in 0..100 {
        let (p, q) = incomplete_gamma(a, x);
        // How far x lies to the right of the quantile, as a share of probability.
        let off = if above { tail - q } else { p - tail };
        if off > 0.0 {
            high = x;
        } else {
            low = x;
        }
        let density = front(a, x) / x;
        let mut next = x - off / density;
        if !(next > low && next < high) {
            next = f64::midpoint(low, high);
        }
        let done = (next - x).abs() <= 1e-15 * x;
        x = next;
        if done {
            break;
        }
    }
    x
}

/// The regularised incomplete gamma functions P and Q = 1 - P: a series below `a + 1`, Legendre's continued fraction
/// (by Lentz's method) above it, so that the smaller one of the two is not a difference.
fn incomplete_gamma(a: f64, x: f64) -> (f64, f64) {
    let front = front(a, x);
    // Either way it takes some times the square root of a.
    let most = 1000 + 50 * (a.sqrt() as usize);
    if x < a + 1.0 {
        let (mut term, mut sum) = (1.0 / a, 1.0 / a);
        for n in 1..most {
            term *= x / (a + n as f64);
            sum += term;
            if term < sum * 1e-17 {
                break;
            }
        }
        let p = front * sum;
        (p, 1.0 - p)
    } else {
        const TINY: f64 = 1e-300;
        let mut b = x + 1.0 - a;
        let mut c = 1.0 / TINY;
        let mut d = 1.0 / b;
        let mut fraction = d;
        for n in 1..most {
            let n = n as f64;
            let an = -n * (n - a);
            b += 2.0;
            d = 1.0 / not_zero(an * d + b, TINY);
            c = not_zero(b + an / c, TINY);
            fraction *= d * c;
            if (d * c - 1.0).abs() < 1e-16 {
                break;
            }
        }
        let q = front * fraction;
        (1.0 - q, q)
    }
}

fn not_zero(v: f64, tiny: f64) -> f64 {
    if v.abs() < tiny { tiny } else { v }
}

/// x^a e^-x / Gamma(a) for `a` >= 1, by Stirling's series. Far out it is a difference of close logarithms, taken as one
/// so that no digits get lost.
fn front(a: f64, x: f64) -> f64 {
    if a < 16.0 {
        return front(a + 1.0, x) * a / x;
    }
    let r = 1.0 / (a * a);
    let series = (1.0 / 12.0 - r * (1.0 / 360.0 - r * (1.0 / 1260.0 - r * (1.0 / 1680.0 - r / 1188.0)))) / a;
    let t = (x - a) / a;
    (a * (t.ln_1p() - t) - series).exp() * (a / (2.0 * PI)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_the_quantiles_of_chi_square() {
        // scipy.stats.chi2.ppf(0.025, 2 k) / 2 and chi2.ppf(0.975, 2 k + 2) / 2.
        let table = [
            (0, 0.0, 3.6888794541139354),
            (1, 0.025317807984289876, 5.571643390938898),
            (2, 0.24220927854396496, 7.22468766772396),
            (3, 0.6186721228956014, 8.767273069742323),
            (7, 2.8143630515198654, 14.422675361702376),
            (10, 4.7953886961324335, 18.39035604201778),
            (19, 11.43924116436673, 29.67085357158559),
            (42, 30.2699057324777, 56.77179877849065),
            (100, 81.36399125092314, 121.62679379242638),
            (300, 267.00927523296633, 335.94112555257067),
            (5000, 4862.359188694899, 5140.5489485350045),
            (100000, 99381.15266374472, 100621.74473974388),
        ];
        for (k, lower, upper) in table {
            let (l, u) = poisson(k);
            let near = |got: f64, wanted: f64| (got - wanted).abs() <= 1e-9 * wanted.max(1e-3);
            assert!(near(l, lower) && near(u, upper), "{k}: {l} {u}, should be {lower} {upper}");
        }
    }

    #[test]
    fn the_tails_hold_what_they_should() {
        // The sum of Poisson probabilities itself: exact for small counts.
        let at_most = |k: u32, mean: f64| {
            let mut term = (-mean).exp();
            let mut sum = term;
            for i in 1..=k {
                term *= mean / f64::from(i);
                sum += term;
            }
            sum
        };
        for k in 0..120 {
            let (lower, upper) = poisson(k);
            assert!((at_most(k, upper) - TAIL).abs() < 1e-12, "{k}: {upper}");
            if k > 0 {
                assert!((1.0 - at_most(k - 1, lower) - TAIL).abs() < 1e-12, "{k}: {lower}");
            }
        }
    }

    #[test]
    fn the_largest_counts_end_too() {
        for k in [1_000_000, u32::MAX] {
            let (lower, upper) = poisson(k);
            let (k, wide) = (f64::from(k), 1.959_964 * f64::from(k).sqrt());
            // The next term of the quantile's expansion is (1.96^2 - 1) / 3 below, 1 more above.
            assert!(
                (lower - (k - wide + 0.947)).abs() < 0.01 && (upper - (k + wide + 1.947)).abs() < 0.01,
                "{lower} {upper}"
            );
        }
    }
}
