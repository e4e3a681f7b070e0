//! `numeric`: what typed arrays hold, into numbers and typed arrays.

use napi::sys::napi_value;
use sidelane_kernels::numeric::{
    self as kernel, Anomalies, Batch, Float, Key, Method, Number, Statistic, Step, TopK, batch,
    describe_with, group_by, histogram, quantiles, rolling, top_k,
};
use sidelane_kernels::{Checkpoint, Interrupted, Threads, Uninterruptible};

use super::task::to_js;
use crate::bytes::View;
use crate::outcome::{Failure, Value};
use crate::pages::Page;
use crate::raw::{Call, Callback, Thrown};
use crate::runner::Work;
use crate::submit::{FIRST, Operation, submit};
use crate::typed::{Element, with_element, with_numbers, with_numbers_mut};

/// From so many bytes of input, more threads pay.
const PARALLEL_LEAST: usize = 1 << 20;

/// Numbers between two polls.
const POLL: usize = 64 << 10;

/// `submitNumeric(..., bytes, element, what, parameters, others, otherElement)`.
pub(crate) struct SubmitNumeric;

impl Callback for SubmitNumeric {
    const NAME: &'static str = "submitNumeric";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        submit(call, Numeric::at(call, FIRST)?)
    }
}

/// `numericNow(bytes, element, what, parameters, others, otherElement)`: on the calling thread.
pub(crate) struct NumericNow;

impl Callback for NumericNow {
    const NAME: &'static str = "numericNow";

    fn call(call: &Call<'_>) -> Result<napi_value, Thrown> {
        let Numeric { view, plan } = Numeric::at(call, 0)?;
        let result = match plan.what {
            What::Sort => plan.sort(view.copy().as_mut(), &Uninterruptible, Threads::One),
            _ => view.read(|bytes| plan.run(bytes, &Uninterruptible, Threads::One)),
        };
        Ok(to_js(call, result))
    }
}

struct Numeric {
    view: View,
    plan: Plan,
}

/// What is to be done, and with what.
struct Plan {
    element: Element,
    what: What,
    parameters: Vec<f64>,
    /// The values of `groupBy`, whose first input are keys.
    others: Option<(Vec<u8>, Element)>,
}

/// The functions, as lib/numeric.js numbers them.
#[derive(Clone, Copy)]
enum What {
    Describe,
    Quantiles,
    Histogram,
    Sort,
    Argsort,
    TopK,
    Rolling,
    Anomalies,
    Map,
    GroupBy,
    Batch,
}

impl What {
    const ALL: [Self; 11] = [
        Self::Describe,
        Self::Quantiles,
        Self::Histogram,
        Self::Sort,
        Self::Argsort,
        Self::TopK,
        Self::Rolling,
        Self::Anomalies,
        Self::Map,
        Self::GroupBy,
        Self::Batch,
    ];

    /// Picoseconds for each number, with a million doubles (Zen 4, 2026-11); as in lib/numeric.js.
    fn pace(self) -> u64 {
        match self {
            Self::Describe => 1_000,
            Self::Quantiles | Self::Histogram | Self::TopK | Self::Anomalies => 5_000,
            Self::GroupBy | Self::Batch => 7_000,
            Self::Rolling | Self::Map => 10_000,
            Self::Sort => 20_000,
            Self::Argsort => 45_000,
        }
    }
}

impl Numeric {
    fn at(call: &Call<'_>, first: usize) -> Result<Self, Thrown> {
        let what = What::ALL
            .get(call.u32(first + 2) as usize)
            .ok_or_else(|| Thrown::internal("no such function"))?;
        let parameters = View::of(call, first + 3)?.read(|bytes| with_numbers(bytes, <[f64]>::to_vec));
        let others = match what {
            What::GroupBy => {
                let bytes = View::of(call, first + 4)?.read(<[u8]>::to_vec);
                Some((bytes, Element::at(call, first + 5)?))
            }
            _ => None,
        };
        let plan = Plan { element: Element::at(call, first + 1)?, what: *what, parameters, others };
        Ok(Self { view: View::of(call, first)?, plan })
    }
}

impl Operation for Numeric {
    const NAME: &'static str = "numeric";

    fn bytes(&self) -> usize {
        self.view.len() + self.plan.others.as_ref().map_or(0, |(others, _)| others.len())
    }

    fn cost(&self) -> u64 {
        (self.view.len() / self.plan.element.size()) as u64 * self.plan.what.pace() / 1000
    }

    fn capture(self, taken: bool) -> Work {
        let Self { view, plan } = self;
        let mut input = view.capture(taken);
        Box::new(move |context| {
            let splits = matches!(plan.what, What::Describe | What::Sort | What::Argsort | What::Batch);
            let large = input.len() >= PARALLEL_LEAST;
            let threads = if splits && large { context.threads() } else { Threads::One };
            match plan.what {
                What::Sort => plan.sort(input.as_mut(), context, threads),
                _ => plan.run(&input, context, threads),
            }
        })
    }
}

impl Plan {
    /// What depends on the type is compiled for each, what only compares for keys, all else for doubles and floats: integers become doubles first, which takes 0.5 ns each. Compiled for
    /// every type, the binary had 1 MB more.
    fn run(&self, bytes: &[u8], checkpoint: &dyn Checkpoint, threads: Threads<'_>) -> Result<Value, Failure> {
        match (self.what, self.element) {
            // Floats as they are: NaN is none of the top.
            (What::TopK, Element::Float64) => {
                with_numbers::<f64, _>(bytes, |values| self.top(values, checkpoint))
            }
            (What::TopK, Element::Float32) => {
                with_numbers::<f32, _>(bytes, |values| self.top(values, checkpoint))
            }
            (What::TopK, element) => {
                let top = self.top_of(&keys_of(element, bytes, checkpoint)?, checkpoint)?;
                Ok(Value::List(vec![
                    of_keys(element, &top.values),
                    Value::array(Element::Uint32, &top.indices),
                ]))
            }
            (What::Argsort, _) => {
                let keys = keys_of(self.element, bytes, checkpoint)?;
                let positions = kernel::argsort(&keys, self.number(0) != 0.0, checkpoint, threads)?;
                Ok(Value::array(Element::Uint32, &positions))
            }
            (What::GroupBy, element) => {
                let mut keys = keys_of(element, bytes, checkpoint)?;
                // As in a Map, the zeros are one key.
                match element {
                    Element::Float64 => replace(&mut keys, (-0.0_f64).key().bits(), 0.0_f64.key().bits()),
                    Element::Float32 => replace(&mut keys, (-0.0_f32).key().bits(), 0.0_f32.key().bits()),
                    _ => {}
                }
                self.group(&keys, checkpoint)
            }
            (_, Element::Float64) => {
                with_numbers::<f64, _>(bytes, |values| self.measured(values, checkpoint, threads))
            }
            (_, Element::Float32) => {
                with_numbers::<f32, _>(bytes, |values| self.measured(values, checkpoint, threads))
            }
            (_, element) => self.measured(&doubles_of(element, bytes, checkpoint)?, checkpoint, threads),
        }
    }

    fn top_of<T: Number>(&self, values: &[T], checkpoint: &dyn Checkpoint) -> Result<TopK<T>, kernel::Error> {
        top_k(values, self.number(0) as usize, self.number(1) != 0.0, checkpoint)
    }

    fn top<T: Number>(&self, values: &[T], checkpoint: &dyn Checkpoint) -> Result<Value, Failure> {
        let top = self.top_of(values, checkpoint)?;
        Ok(Value::List(vec![
            Value::array(self.element, &top.values),
            Value::array(Element::Uint32, &top.indices),
        ]))
    }

    fn measured<F: Float>(
        &self,
        values: &[F],
        checkpoint: &dyn Checkpoint,
        threads: Threads<'_>,
    ) -> Result<Value, Failure> {
        Ok(match self.what {
            What::Describe => {
                let all = describe_with(values, checkpoint, threads)?;
                let numbers = [all.count as f64, all.sum, all.mean, all.variance, all.min, all.max];
                Value::List(numbers.map(Value::Number).into())
            }
            What::Quantiles => Value::doubles(&quantiles(values, &self.parameters, checkpoint)?),
            What::Histogram => {
                let range = (self.number(1) <= self.number(2)).then(|| (self.number(1), self.number(2)));
                let found = histogram(values, self.number(0) as usize, range, checkpoint)?;
                Value::List(vec![
                    Value::doubles(&found.counts),
                    Value::doubles(&found.edges),
                    Value::Number(found.outside as f64),
                ])
            }
            What::Rolling => {
                let statistic = match self.number(1) as u32 {
                    0 => Statistic::Mean,
                    1 => Statistic::Sum,
                    2 => Statistic::Min,
                    _ => Statistic::Max,
                };
                Value::doubles(&rolling(values, self.number(0) as usize, statistic, checkpoint)?)
            }
            What::Anomalies => match self.method(0) {
                Some(method) => Value::List(found(&kernel::anomalies(values, method, checkpoint)?).into()),
                None => Value::Undefined,
            },
            What::Map => {
                let steps = self.steps(0);
                let page = Page::filled_as(values.len(), |out: &mut [F]| {
                    kernel::map(values, &steps, out, checkpoint)
                })?;
                Value::Array(Element::of_floats::<F>(), page)
            }
            _ => self.batch(values, checkpoint, threads)?,
        })
    }

    fn number(&self, index: usize) -> f64 {
        self.parameters.get(index).copied().unwrap_or(f64::NAN)
    }

    /// The input's memory serves as scratch.
    fn sort(
        &self,
        bytes: &mut [u8],
        checkpoint: &dyn Checkpoint,
        threads: Threads<'_>,
    ) -> Result<Value, Failure> {
        let descending = self.number(0) != 0.0;
        let sorted = with_element!(self.element, T => with_numbers_mut::<T, _>(bytes, |values| {
            Page::filled_as(values.len(), |out: &mut [T]| kernel::sort(values, descending, out, checkpoint, threads))
        }))?;
        Ok(Value::Array(self.element, sorted))
    }

    fn group(&self, keys: &[u64], checkpoint: &dyn Checkpoint) -> Result<Value, Failure> {
        let Some((others, element)) = &self.others else { return Ok(Value::Undefined) };
        let values = doubles_of(*element, others, checkpoint)?;
        let groups = group_by(keys, &values, checkpoint)?;
        Ok(Value::List(vec![
            of_keys(self.element, &groups.keys),
            Value::doubles(&groups.counts),
            Value::doubles(&groups.sums),
            Value::doubles(&groups.means),
            Value::doubles(&groups.mins),
            Value::doubles(&groups.maxs),
        ]))
    }

    /// Parameters: length, method (three), steps.
    fn batch<F: Float>(
        &self,
        values: &[F],
        checkpoint: &dyn Checkpoint,
        threads: Threads<'_>,
    ) -> Result<Value, Failure> {
        let steps = self.steps(4);
        let plan = Batch { length: self.number(0) as usize, anomalies: self.method(1), steps: &steps };
        let mut result = None;
        let len = if steps.is_empty() { 0 } else { values.len() };
        let page = Page::filled_as(len, |out: &mut [F]| {
            result = Some(batch(values, plan, out, checkpoint, threads)?);
            Ok::<(), kernel::Error>(())
        })?;
        let Some(result) = result else { return Ok(Value::Undefined) };
        let mut all = vec![
            Value::doubles(&result.means),
            Value::doubles(&result.deviations),
            Value::doubles(&result.mins),
            Value::doubles(&result.maxs),
            Value::array(Element::Uint32, &result.offsets),
        ];
        all.extend(found(&result.anomalies));
        all.push(Value::Array(Element::of_floats::<F>(), page));
        Ok(Value::List(all))
    }

    /// A method and its two numbers, at `first`.
    fn method(&self, first: usize) -> Option<Method> {
        let (a, b) = (self.number(first + 1), self.number(first + 2));
        match self.number(first) as i32 {
            1 => Some(Method::ZScore(a)),
            2 => Some(Method::Mad(a)),
            3 => Some(Method::Iqr(a)),
            4 => Some(Method::Range(a, b)),
            _ => None,
        }
    }

    /// Steps, each with its two numbers, from `first` on.
    fn steps(&self, first: usize) -> Vec<Step> {
        let steps = self.parameters.get(first..).unwrap_or_default().as_chunks::<3>().0;
        steps
            .iter()
            .map(|[step, a, b]| match *step as i32 {
                0 => Step::Log1p,
                1 => Step::Abs,
                2 => Step::Clamp(*a, *b),
                3 => Step::Scale(*a, *b),
                4 => Step::ZScore,
                _ => Step::MinMax,
            })
            .collect()
    }
}

/// The keys of numbers of any type, so that what only looks at their order or equality is compiled once.
fn keys_of(element: Element, bytes: &[u8], checkpoint: &dyn Checkpoint) -> Result<Vec<u64>, Failure> {
    fn key<T: Number>(value: &T) -> u64 {
        value.key().bits()
    }
    let mut keys = room(bytes.len() / element.size())?;
    with_element!(element, T => with_numbers::<T, _>(bytes, |values| {
        values.chunks(POLL).try_for_each(|values| {
            keys.extend(values.iter().map(key));
            checkpoint.poll()
        })
    }))?;
    Ok(keys)
}

fn replace(keys: &mut [u64], old: u64, new: u64) {
    keys.iter_mut().filter(|key| **key == old).for_each(|key| *key = new);
}

/// The numbers of these keys.
fn of_keys(element: Element, keys: &[u64]) -> Value {
    fn number<T: Number>(key: &u64) -> T {
        T::from_key(T::Key::from_bits(*key))
    }
    with_element!(element, T => Value::array(element, &keys.iter().map(number::<T>).collect::<Vec<_>>()))
}

/// Memory for what is eight times the size of its input at most, which the system can refuse.
fn room<T>(numbers: usize) -> Result<Vec<T>, Failure> {
    let mut room = Vec::new();
    room.try_reserve_exact(numbers).map_err(|_| {
        let message = format!("There is no memory for {numbers} numbers of {} bytes", size_of::<T>());
        // How many there is memory for nobody knows: fewer.
        Failure::new("ERR_TOO_LARGE", message)
            .with_number("limit", numbers as f64 - 1.0)
            .with_number("received", numbers as f64)
    })?;
    Ok(room)
}

/// Numbers of any type as doubles.
fn doubles_of(element: Element, bytes: &[u8], checkpoint: &dyn Checkpoint) -> Result<Vec<f64>, Failure> {
    let mut doubles = room(bytes.len() / element.size())?;
    with_element!(element, T => with_numbers::<T, _>(bytes, |values| {
        values.chunks(POLL).try_for_each(|values| {
            doubles.extend(values.iter().map(|value| value.to_f64()));
            checkpoint.poll()
        })
    }))?;
    Ok(doubles)
}

fn found(anomalies: &Anomalies) -> [Value; 2] {
    [Value::array(Element::Uint32, &anomalies.indices), Value::doubles(&anomalies.scores)]
}

impl From<kernel::Error> for Failure {
    fn from(error: kernel::Error) -> Self {
        let failure = Self::new(error.code(), error.to_string());
        match error {
            kernel::Error::Interrupted => Interrupted.into(),
            kernel::Error::TooMany { limit, received } => {
                failure.with_number("limit", limit as f64).with_number("received", received as f64)
            }
            _ => failure,
        }
    }
}
