//! The texts of a set, as a trie that is walked from a place of the subject.

use std::ops::Range;

/// Texts by their bytes, whatever the case of ASCII letters.
#[derive(Debug)]
pub(super) struct Trie {
    /// The root first, then level by level: the children of a node are neighbours.
    nodes: Vec<Node>,
    /// By node: the byte that leads to it, in lower case.
    labels: Vec<u8>,
    /// The texts, sorted: those that end at a node are neighbours.
    order: Vec<usize>,
}

/// Indices, of four bytes each: there are as many nodes as the texts have bytes.
#[derive(Debug)]
struct Node {
    children: (u32, u32),
    texts: (u32, u32),
}

impl Trie {
    pub(super) fn new(texts: &[&[u8]]) -> Trie {
        let folded: Vec<Vec<u8>> = texts.iter().map(|text| text.to_ascii_lowercase()).collect();
        let mut order: Vec<usize> = (0..texts.len()).collect();
        order.sort_unstable_by(|a, b| folded[*a].cmp(&folded[*b]));
        let mut trie = Trie { nodes: Vec::new(), labels: vec![0], order };
        // Which texts pass through the nodes that are still to come, and how many bytes lead there.
        let mut through = vec![(0..texts.len(), 0)];
        while let Some((all, depth)) = through.get(trie.nodes.len()).cloned() {
            // The shortest come first.
            let ending = all.clone().take_while(|&at| folded[trie.order[at]].len() == depth).count();
            let (mut start, first) = (all.start + ending, through.len());
            while start < all.end {
                let byte = folded[trie.order[start]][depth];
                let count = trie.order[start..all.end].partition_point(|text| folded[*text][depth] == byte);
                through.push((start..start + count, depth + 1));
                trie.labels.push(byte);
                start += count;
            }
            trie.nodes.push(Node {
                children: (first as u32, through.len() as u32),
                texts: (all.start as u32, (all.start + ending) as u32),
            });
        }
        trie
    }

    /// Calls `each` with the texts that `bytes` begin with.
    pub(super) fn each(&self, bytes: &[u8], mut each: impl FnMut(usize)) {
        let mut node = &self.nodes[0];
        for byte in bytes {
            let byte = byte.to_ascii_lowercase();
            let labels = &self.labels[range(node.children)];
            let child = match labels {
                // Most nodes: the call would take longer than the comparison.
                [label] => (*label == byte).then_some(0),
                _ => memchr::memchr(byte, labels),
            };
            let Some(child) = child else { return };
            node = &self.nodes[node.children.0 as usize + child];
            self.order[range(node.texts)].iter().for_each(|text| each(*text));
        }
    }
}

fn range((start, end): (u32, u32)) -> Range<usize> {
    start as usize..end as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(texts: &[&str], bytes: &str) -> Vec<usize> {
        let texts: Vec<&[u8]> = texts.iter().map(|text| text.as_bytes()).collect();
        let mut found = Vec::new();
        Trie::new(&texts).each(bytes.as_bytes(), |text| found.push(text));
        found
    }

    #[test]
    fn all_texts_at_a_place() {
        let texts = ["err", "Error", "error", "e", "warn", "er\u{E9}"];
        assert_eq!(found(&texts, "eRRors")[..2], [3, 0]);
        let mut all = found(&texts, "errORs");
        all.sort_unstable();
        assert_eq!(all, [0, 1, 2, 3]);
        assert_eq!(found(&texts, "er\u{E9}"), [3, 5]);
        assert_eq!(found(&texts, "xerr"), [0; 0]);
        assert_eq!(found(&texts, ""), [0; 0]);
        assert_eq!(found(&texts, "WARN"), [4]);
        assert_eq!(found(&texts, "war"), [0; 0]);
    }
}
