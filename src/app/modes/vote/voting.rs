//! A task that is open: which item is on the screen, how it is looked at, what was answered.

use super::ahead::Pool;
use super::finding::Finder;
use super::pace::Pace;
use super::patches::Pictures;
use crate::app::motion::Motion;
use crate::model::{Camera, ClassId, Item, SlidePx, TaskView, Vote};
use crate::study::blind::{BlindTask, ConsensusTask};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// A task and its thread. Neither kind can be asked for more than the rater may know.
pub enum Held {
    /// Nobody's opinions.
    Blind(BlindTask),
    /// Two raters together, who see what both said.
    Consensus(ConsensusTask),
}

impl Held {
    /// Items and ballots.
    pub fn task(&self) -> &BlindTask {
        match self {
            Self::Blind(task) => task,
            Self::Consensus(consensus) => &consensus.task,
        }
    }

    /// The same, to answer.
    pub fn task_mut(&mut self) -> &mut BlindTask {
        match self {
            Self::Blind(task) => task,
            Self::Consensus(consensus) => &mut consensus.task,
        }
    }

    /// What is shown beside an item: in a consensus task alone.
    pub fn opinions(&self, number: u32) -> &[(String, ClassId)] {
        match self {
            Self::Blind(_) => &[],
            Self::Consensus(consensus) => consensus.opinions(number),
        }
    }

    /// Does the rater see nobody's opinion?
    pub fn is_blind(&self) -> bool {
        matches!(self, Self::Blind(_))
    }
}

/// How an item is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pane {
    /// In its slide.
    Context,
    /// One patch.
    Patch,
    /// A sheet of patches.
    Sheet,
}

impl Pane {
    /// The next one, round and round.
    pub const fn next(self) -> Self {
        match self {
            Self::Context => Self::Patch,
            Self::Patch => Self::Sheet,
            Self::Sheet => Self::Context,
        }
    }

    /// In words.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Context => "in context",
            Self::Patch => "one patch",
            Self::Sheet => "sheet",
        }
    }
}

/// What the task shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// An item.
    Item,
    /// What will be sealed, or was.
    Seal,
}

/// A comment that is being written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comment {
    /// What it says.
    pub text: String,
    /// Has it just been opened, so that it needs the focus?
    pub fresh: bool,
}

/// A task that is open.
pub struct Voting {
    /// Task, items, ballots.
    pub held: Held,
    /// What it was opened by: results for another one are not for it.
    pub ticket: u64,
    /// The item on the screen, from 1.
    pub at: u32,
    /// How it is looked at.
    pub pane: Pane,
    /// What is shown.
    pub page: Page,
    /// A comment that is being written.
    pub comment: Option<Comment>,
    /// Comments that wait for their vote.
    kept: HashMap<u32, String>,
    /// Votes a minute.
    pub pace: Pace,
    /// How long the item was on the screen, with the window in front.
    dwell: Duration,
    /// When that was added up last, while the window was in front.
    seen: Option<Duration>,
    /// The view in context.
    pub motion: Motion,
    /// Is the view that of the item on the screen?
    pub placed: bool,
    /// Where slides are.
    pub finder: Arc<Finder>,
    /// Slides that are open.
    pub pool: Pool,
    /// Patches.
    pub pictures: Pictures,
    /// Labels that the seal wrote, in this sitting.
    pub labels: Option<u64>,
    /// Is the seal on its way?
    pub sealing: bool,
    /// Does it close as soon as all is on disk?
    pub leaving: bool,
    /// Was it said that comments without an answer are lost on leaving?
    pub warned: bool,
    /// Was the view moved by the hand in this frame?
    pub dragged: bool,
    /// Is nothing on its way: picture sharp, next ones ready?
    pub rest: bool,
    /// Objective-equivalent magnification of what is on the screen.
    pub magnification: Option<f64>,
    /// Is the item on the screen drawn as sharp as it can be?
    pub sharp: bool,
}

impl Voting {
    /// A task at its first open item.
    pub fn new(held: Held, ticket: u64, finder: Arc<Finder>, reduced: bool) -> Self {
        let task = held.task();
        let pane = match task.task().settings.view {
            TaskView::Context => Pane::Context,
            TaskView::Patches => Pane::Patch,
        };
        let at = task.first_open(1).unwrap_or(1);
        let page = if task.seal().is_some() { Page::Seal } else { Page::Item };
        let pictures = Pictures::new(task.is_kit());
        let mut motion = Motion::new(Camera::new(SlidePx::default(), 1.0));
        motion.reduced = reduced;
        Self {
            held,
            ticket,
            at,
            pane,
            page,
            comment: None,
            kept: HashMap::new(),
            pace: Pace::default(),
            dwell: Duration::ZERO,
            seen: None,
            motion,
            placed: false,
            finder,
            pool: Pool::default(),
            pictures,
            labels: None,
            sealing: false,
            leaving: false,
            warned: false,
            dragged: false,
            rest: false,
            magnification: None,
            sharp: false,
        }
    }

    /// How many items.
    pub fn items(&self) -> u32 {
        // A task has 1.1 million at most.
        self.held.task().items().len() as u32
    }

    /// The item on the screen.
    pub fn item(&self) -> Option<&Item> {
        self.held.task().item(self.at)
    }

    /// Is it read-only?
    pub fn sealed(&self) -> bool {
        self.held.task().seal().is_some()
    }

    /// Goes to an item, which begins at the standard scale.
    pub fn go_to(&mut self, number: u32) {
        self.at = number.clamp(1, self.items().max(1));
        self.page = Page::Item;
        self.placed = false;
        self.comment = None;
        self.dwell = Duration::ZERO;
    }

    /// Adds up how long the item was looked at.
    pub fn look(&mut self, now: Duration, in_front: bool) {
        if let Some(seen) = self.seen {
            self.dwell += now.saturating_sub(seen);
        }
        self.seen = (in_front && self.page == Page::Item).then_some(now);
    }

    /// Answers the item on the screen and goes on; `false` where it can't be answered.
    pub fn vote(&mut self, class: ClassId, now: Duration) -> bool {
        let at = self.at;
        if self.page != Page::Item || !self.cast(at, class) {
            return false;
        }
        self.kept.remove(&at);
        self.pace.step(now);
        self.advance();
        true
    }

    fn cast(&mut self, at: u32, class: ClassId) -> bool {
        let comment = self.comment_on(at);
        let vote = Vote {
            class,
            comment,
            dwell: Some(self.dwell.as_secs_f64()),
            magnification: self.magnification,
            adjustment: None,
        };
        self.held.task_mut().vote(at, vote)
    }

    /// The comment on an item: written and waiting, or with the vote.
    pub fn comment_on(&self, number: u32) -> String {
        let voted = || self.held.task().vote_on(number).map(|v| v.comment.clone());
        self.kept.get(&number).cloned().or_else(voted).unwrap_or_default()
    }

    /// Items with a comment that waits for an answer, in their order.
    pub fn comments_waiting(&self) -> Vec<u32> {
        let mut items: Vec<u32> =
            self.kept.iter().filter(|(_, text)| !text.is_empty()).map(|(n, _)| *n).collect();
        items.sort_unstable();
        items
    }

    /// Keeps the comment that is being written: with the vote, or until there is one.
    pub fn keep_comment(&mut self) {
        let Some(Comment { text, .. }) = self.comment.take() else { return };
        let (at, text) = (self.at, text.trim().to_owned());
        if text == self.comment_on(at) {
            return;
        }
        self.kept.insert(at, text);
        if let Some(class) = self.held.task().class_of(at)
            && self.cast(at, class)
        {
            self.kept.remove(&at);
        }
    }

    /// On to the next item; where all ahead are answered to the first open one, and from there to the seal.
    fn advance(&mut self) {
        let task = self.held.task();
        let ahead = (self.at + 1..=self.items()).any(|n| task.vote_on(n).is_none());
        if ahead {
            self.go_to(self.at + 1);
        } else if let Some(open) = task.first_open(1) {
            self.go_to(open);
        } else {
            self.show_seal();
        }
    }

    /// On without a vote; the seal comes after the last item.
    pub fn next(&mut self) {
        match self.page {
            Page::Item if self.at < self.items() => self.go_to(self.at + 1),
            Page::Item => self.show_seal(),
            Page::Seal => {}
        }
    }

    /// Back; `false` at the first item.
    pub fn previous(&mut self) -> bool {
        match self.page {
            Page::Seal => self.go_to(self.at),
            Page::Item if self.at > 1 => self.go_to(self.at - 1),
            Page::Item => return false,
        }
        true
    }

    /// Shows what will be sealed.
    pub fn show_seal(&mut self) {
        self.page = Page::Seal;
        self.comment = None;
    }

    /// The items that come after the one on the screen, `n` at most.
    pub fn ahead(&self, n: u32) -> impl Iterator<Item = &Item> {
        let (from, to) = (self.at + 1, self.at.saturating_add(n).min(self.items()));
        (from..=to).filter_map(|number| self.held.task().item(number))
    }
}
