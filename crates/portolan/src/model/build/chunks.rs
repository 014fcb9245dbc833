//! A list of many things that is never copied to grow.

/// Things in the order in which they came, in pieces that stay where they are.
#[derive(Debug)]
pub(super) struct Chunks<T> {
    full: Vec<Vec<T>>,
    last: Vec<T>,
}

/// How many things make a piece.
const PIECE: usize = 512;

impl<T> Default for Chunks<T> {
    fn default() -> Self {
        Self { full: Vec::new(), last: Vec::new() }
    }
}

impl<T> Chunks<T> {
    pub(super) fn push(&mut self, item: T) {
        if self.last.len() >= PIECE {
            let next = Vec::with_capacity(PIECE);
            self.full.push(std::mem::replace(&mut self.last, next));
        }
        self.last.push(item);
    }

    /// Moves all things of `other` behind these.
    pub(super) fn append(&mut self, other: Self) {
        let last = std::mem::take(&mut self.last);
        self.full.extend([last].into_iter().filter(|last| !last.is_empty()));
        self.full.extend(other.full);
        self.last = other.last;
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.full.iter().flatten().chain(&self.last)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.full.iter_mut().flatten().chain(&mut self.last)
    }
}

impl<T> IntoIterator for Chunks<T> {
    type Item = T;
    type IntoIter =
        std::iter::Chain<std::iter::Flatten<std::vec::IntoIter<Vec<T>>>, std::vec::IntoIter<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.full.into_iter().flatten().chain(self.last)
    }
}

impl<T> From<Vec<T>> for Chunks<T> {
    fn from(last: Vec<T>) -> Self {
        Self { full: Vec::new(), last }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_stay_in_the_order_in_which_they_came() {
        let (mut all, mut part) = (Chunks::default(), Chunks::default());
        (0..1000).for_each(|number| all.push(number));
        (1000..1600).for_each(|number| part.push(number));
        all.append(part);
        all.append(Chunks::default());
        all.push(1600);
        all.iter_mut().for_each(|number| *number += 1);
        assert!(all.iter().copied().eq(1..=1601));
        assert!(all.into_iter().eq(1..=1601));
    }
}
