//! How well raters agree, with each other and with themselves.
//!
//! Pure functions of values. [`table`] holds who judged what; [`kappa`] and [`alpha`] are the statistics, each a
//! function of whole counts, so that a resampled document costs as much as it has slides ([`bootstrap`]); [`report`]
//! puts all of it together; [`repeats`] and [`drift`] look at one rater over time.

pub mod alpha;
pub mod bootstrap;
pub mod drift;
pub mod kappa;
pub mod repeats;
pub mod report;
pub mod table;

pub use bootstrap::{Interval, Resampling, Unit};
pub use drift::{Call, Drift, Share, Trend, drift};
pub use kappa::Confusion;
pub use repeats::{Repeat, repeats};
pub use report::{Agreement, ClassAgreement, Figures, Pair, Part, agreement};
pub use table::{Judged, Table};
