//! [`Part`]: lines of one block.

use std::{fmt, ops::Range, sync::Arc};

use super::block::Block;
use crate::event::Event;

/// Some lines of a block, or all.
#[derive(Clone)]
pub(crate) struct Part {
    block: Arc<Block>,
    /// Only these lines, in order.
    lines: Option<Arc<[u32]>>,
}

impl Part {
    /// What is in the block for the sink in this place; `None` if nothing is.
    pub(crate) fn of(block: &Arc<Block>, sink: usize) -> Option<Self> {
        let is_for = |line: &usize| block.is_for(sink, *line);
        let lines = match (0..block.len()).all(|line| is_for(&line)) {
            true => None,
            false => Some((0..block.len()).filter(is_for).map(|line| line as u32)),
        };
        Self {
            block: Arc::clone(block),
            lines: lines.map(Iterator::collect),
        }
        .unless_empty()
    }

    /// Those lines for which this is true, if there are any; it is told the place of the line among
    /// those of the part, and in the block.
    pub(super) fn only(&self, mut keeps: impl FnMut(usize, usize) -> bool) -> Option<Self> {
        let kept = (0..self.len()).filter(|index| keeps(*index, self.line_of(*index)));
        let lines: Arc<[u32]> = kept.map(|index| self.line_of(index) as u32).collect();
        if lines.len() == self.len() {
            return self.clone().unless_empty();
        }
        Self {
            block: Arc::clone(&self.block),
            lines: Some(lines),
        }
        .unless_empty()
    }

    /// Those lines whose places are in the range, which is not empty.
    pub(super) fn range(&self, range: Range<usize>) -> Self {
        if range == (0..self.len()) {
            return self.clone();
        }
        let lines = range.map(|index| self.line_of(index) as u32);
        Self {
            block: Arc::clone(&self.block),
            lines: Some(lines.collect()),
        }
    }

    /// The protected events, if there are any; and the others.
    pub(super) fn by_protection(&self) -> (Option<Self>, Option<Self>) {
        let protected = self.block.protected();
        let is_protected = |line: usize| protected.binary_search(&(line as u32)).is_ok();
        (
            self.only(|_, line| is_protected(line)),
            self.only(|_, line| !is_protected(line)),
        )
    }

    fn unless_empty(self) -> Option<Self> {
        (self.len() > 0).then_some(self)
    }

    pub(super) fn len(&self) -> usize {
        self.lines
            .as_ref()
            .map_or(self.block.len(), |lines| lines.len())
    }

    /// The bytes of a line, its line break included.
    pub(super) fn line(&self, index: usize) -> &[u8] {
        self.block.line(self.line_of(index))
    }

    /// The events themselves, if sinks ask for them.
    pub(super) fn events(&self) -> impl Iterator<Item = &Event<'static>> {
        (0..self.len()).filter_map(|index| self.block.event(self.line_of(index)))
    }

    /// All lines, in as few pieces as possible.
    pub(super) fn slices(&self) -> impl Iterator<Item = &[u8]> {
        let mut next = 0;
        std::iter::from_fn(move || {
            if next == self.len() {
                return None;
            }
            let first = self.line_of(next);
            let mut last = first;
            next += 1;
            match self.lines {
                None => (last, next) = (self.len() - 1, self.len()),
                Some(_) => {
                    while next < self.len() && self.line_of(next) == last + 1 {
                        last += 1;
                        next += 1;
                    }
                }
            }
            Some(self.block.lines(first..=last))
        })
    }

    /// The bytes that the block keeps in memory.
    pub(super) fn block_size(&self) -> usize {
        self.block.size()
    }

    /// Whether the sink in this place has had a line anyway.
    pub(super) fn is_for(&self, sink: usize, line: usize) -> bool {
        self.block.is_for(sink, line)
    }

    fn line_of(&self, index: usize) -> usize {
        self.lines
            .as_ref()
            .map_or(index, |lines| lines[index] as usize)
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}
