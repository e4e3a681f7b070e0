//! Filters as `lib/where.js` writes them.

use std::sync::{Arc, Mutex};

use sidelane_kernels::filter::{Builder, Error, Filter, Group, Operand, Test};

use super::plan::Plan;
use super::regexp_filter::{Beyond, RegExpTest};
use crate::raw::Thrown;

/// The filter that comes next in a plan; none if there is none.
pub(super) fn read_filter(plan: &mut Plan<'_>, beyond: Beyond) -> Result<Option<Filter>, Thrown> {
    if !plan.flag()? {
        return Ok(None);
    }
    let mut builder = Builder::default();
    loop {
        match plan.byte()? {
            0 => return Ok(Some(builder.finish().map_err(invalid)?)),
            1 => builder.close(),
            2 => builder.open(Group::All),
            3 => builder.open(Group::Any),
            4 => builder.open(Group::Not),
            _ => {
                let field = plan.count()?;
                let test = read_test(plan, beyond)?;
                builder.test(field, test)
            }
        }
        .map_err(invalid)?;
    }
}

/// Positions of `TESTS` in `lib/where.js`.
fn read_test(plan: &mut Plan<'_>, beyond: Beyond) -> Result<Test, Thrown> {
    Ok(match plan.byte()? {
        0 => Test::Equal(read_operand(plan)?),
        1 => Test::NotEqual(read_operand(plan)?),
        2 => Test::Greater(read_operand(plan)?),
        3 => Test::GreaterOrEqual(read_operand(plan)?),
        4 => Test::Less(read_operand(plan)?),
        5 => Test::LessOrEqual(read_operand(plan)?),
        6 => Test::In((0..plan.count()?).map(|_| read_operand(plan)).collect::<Result<_, _>>()?),
        7 => Test::Exists(plan.flag()?),
        8 => Test::Prefix(plan.text()?),
        9 => Test::Suffix(plan.text()?),
        10 => Test::Contains(plan.text()?),
        _ => {
            let (regex, sticky) = plan.regexp()?;
            Test::Matches(Arc::new(RegExpTest { regex, sticky, beyond, rooms: Mutex::default() }))
        }
    })
}

fn read_operand(plan: &mut Plan<'_>) -> Result<Operand, Thrown> {
    Ok(match plan.byte()? {
        0 => Operand::Null,
        1 => Operand::Bool(plan.flag()?),
        2 => Operand::Number(plan.number()?),
        _ => Operand::Text(plan.text()?),
    })
}

fn invalid(error: Error) -> Thrown {
    Thrown { code: "ERR_INVALID_ARG_VALUE", message: format!("The \"where\" argument is invalid: {error}") }
}
