//! Typed arrays: what kind of numbers bytes are.

use bytemuck::{Pod, Zeroable};
use sidelane_kernels::memory::{NoMemory, filled};
use sidelane_kernels::numeric::Float;

use crate::pages::Page;
use crate::raw::{Call, Thrown};

/// The elements of a typed array, as Node-API numbers them (`napi_typedarray_type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Element {
    Int8,
    Uint8,
    Uint8Clamped,
    Int16,
    Uint16,
    Int32,
    Uint32,
    Float32,
    Float64,
    BigInt64,
    BigUint64,
}

impl Element {
    const ALL: [Self; 11] = [
        Self::Int8,
        Self::Uint8,
        Self::Uint8Clamped,
        Self::Int16,
        Self::Uint16,
        Self::Int32,
        Self::Uint32,
        Self::Float32,
        Self::Float64,
        Self::BigInt64,
        Self::BigUint64,
    ];

    /// The element whose number is argument `index`.
    pub(crate) fn at(call: &Call<'_>, index: usize) -> Result<Self, Thrown> {
        Self::numbered(call.u32(index) as usize)
    }

    /// The element of this number.
    pub(crate) fn numbered(number: usize) -> Result<Self, Thrown> {
        Self::ALL.get(number).copied().ok_or_else(|| Thrown::internal("no such typed array"))
    }

    /// Bytes of one.
    pub(crate) fn size(self) -> usize {
        match self {
            Self::Int8 | Self::Uint8 | Self::Uint8Clamped => 1,
            Self::Int16 | Self::Uint16 => 2,
            Self::Int32 | Self::Uint32 | Self::Float32 => 4,
            Self::Float64 | Self::BigInt64 | Self::BigUint64 => 8,
        }
    }

    /// That of single or double precision.
    pub(crate) fn of_floats<F: Float>() -> Self {
        if size_of::<F>() == 4 { Self::Float32 } else { Self::Float64 }
    }
}

/// Evaluates an expression with a type name for the element's type.
macro_rules! with_element {
    ($element:expr, $T:ident => $body:expr) => {
        match $element {
            $crate::typed::Element::Int8 => with_element!(@ i8, $T => $body),
            $crate::typed::Element::Uint8 | $crate::typed::Element::Uint8Clamped => with_element!(@ u8, $T => $body),
            $crate::typed::Element::Int16 => with_element!(@ i16, $T => $body),
            $crate::typed::Element::Uint16 => with_element!(@ u16, $T => $body),
            $crate::typed::Element::Int32 => with_element!(@ i32, $T => $body),
            $crate::typed::Element::Uint32 => with_element!(@ u32, $T => $body),
            $crate::typed::Element::Float32 => with_element!(@ f32, $T => $body),
            $crate::typed::Element::Float64 => with_element!(@ f64, $T => $body),
            $crate::typed::Element::BigInt64 => with_element!(@ i64, $T => $body),
            $crate::typed::Element::BigUint64 => with_element!(@ u64, $T => $body),
        }
    };
    (@ $type:ty, $T:ident => $body:expr) => {{
        type $T = $type;
        $body
    }};
}

pub(crate) use with_element;

/// Calls `with` with the bytes as numbers; what is left of them is not seen. Copied if they are not where such numbers may be.
pub(crate) fn with_numbers<T: Pod, R>(bytes: &[u8], with: impl FnOnce(&[T]) -> R) -> R {
    let bytes = &bytes[..bytes.len() / size_of::<T>() * size_of::<T>()];
    match bytemuck::try_cast_slice(bytes) {
        Ok(numbers) => with(numbers),
        Err(_) => {
            let mut numbers = vec![T::zeroed(); bytes.len() / size_of::<T>()];
            bytemuck::cast_slice_mut(&mut numbers).copy_from_slice(bytes);
            with(&numbers)
        }
    }
}

/// As [`with_numbers`], for work that writes to them; what it writes may be lost.
pub(crate) fn with_numbers_mut<T: Pod, R>(bytes: &mut [u8], with: impl FnOnce(&mut [T]) -> R) -> R {
    let len = bytes.len() / size_of::<T>() * size_of::<T>();
    match bytemuck::try_cast_slice_mut(&mut bytes[..len]) {
        Ok(numbers) => with(numbers),
        Err(_) => with_numbers(bytes, |numbers: &[T]| with(&mut numbers.to_vec())),
    }
}

impl Page {
    /// Of `len` numbers, all written by `fill`: what they were before is anything.
    ///
    /// # Errors
    ///
    /// Those of `fill`; [`NoMemory`].
    pub(crate) fn filled_as<T: Pod + Zeroable, E: From<NoMemory>>(
        len: usize,
        fill: impl FnOnce(&mut [T]) -> Result<(), E>,
    ) -> Result<Self, E> {
        Self::filled(len * size_of::<T>(), |bytes| {
            if let Ok(numbers) = bytemuck::try_cast_slice_mut(bytes) {
                return fill(numbers);
            }
            let mut numbers = filled(T::zeroed(), len)?;
            fill(&mut numbers)?;
            bytes.copy_from_slice(bytemuck::cast_slice(&numbers));
            Ok(())
        })
    }
}
