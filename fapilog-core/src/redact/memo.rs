//! [`Memo`]: what was found out about keys that came before.

/// A longer key is not remembered.
const LONGEST: usize = 64;
const SLOTS: usize = 256;

/// Answers for keys, in memory that does not grow: a key has one place, and its last answer there
/// makes room for that of the next.
#[derive(Debug)]
pub(super) struct Memo<T>(Box<[Option<Known<T>>]>);

#[derive(Debug)]
struct Known<T> {
    key: Box<[u8]>,
    answer: T,
}

impl<T: Copy> Memo<T> {
    pub(super) fn new() -> Self {
        Self((0..SLOTS).map(|_| None).collect())
    }

    /// The answer for a key, remembered or found out now.
    pub(super) fn get(&mut self, key: &[u8], find: impl FnOnce() -> T) -> T {
        if key.len() > LONGEST {
            return find();
        }
        let slot = &mut self.0[place(key)];
        match slot {
            Some(known) if *known.key == *key => known.answer,
            _ => {
                let answer = find();
                *slot = Some(Known {
                    key: key.into(),
                    answer,
                });
                answer
            }
        }
    }
}

/// Keys of events differ by their lengths and ends.
fn place(key: &[u8]) -> usize {
    let head = key
        .first_chunk::<4>()
        .map_or(0, |it| u32::from_le_bytes(*it));
    let tail = key
        .last_chunk::<4>()
        .map_or(0, |it| u32::from_le_bytes(*it));
    let short = key.first().copied().unwrap_or(0);
    let mixed = (head ^ tail.rotate_left(13) ^ u32::from(short) ^ (key.len() as u32) << 24)
        .wrapping_mul(0x9e37_79b1);
    (mixed >> 24) as usize % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_gets_the_answer_that_was_found_for_it_whatever_came_between() {
        let mut memo = Memo::new();
        for round in 0..3 {
            for number in 0..10_000_u32 {
                let key = format!("key{number}");
                assert_eq!(memo.get(key.as_bytes(), || number), number, "{round}");
            }
        }
        assert_eq!(memo.get(b"again", || 1), 1);
        assert_eq!(memo.get(b"again", || 2), 1);
    }
}
