//! Which nodes can match the empty string.

use crate::syntax::{Ast, Node};

/// For each node whether it may match without consuming. Children come before their parents, so one pass is enough.
pub(crate) fn nullable(ast: &Ast) -> Vec<bool> {
    let mut nullable: Vec<bool> = Vec::with_capacity(ast.nodes.len());
    for node in &ast.nodes {
        let of = |id: &u32| nullable[*id as usize];
        nullable.push(match node {
            Node::Empty | Node::Look { .. } | Node::BackRef { .. } | Node::Assert(_) => true,
            Node::Char(_) | Node::Class(_) => false,
            Node::Seq(terms) => terms.iter().all(of),
            Node::Alt(alternatives) => alternatives.iter().any(of),
            Node::Group { body, .. } => of(body),
            Node::Repeat { body, min, .. } => *min == 0 || of(body),
        });
    }
    nullable
}
