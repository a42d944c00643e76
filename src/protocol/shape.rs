//! The declarations from which types, checks and tables come.

/// Declares a request's shape: `field: Type = "member", rule`. An `Option` is optional, everything else required.
macro_rules! shape {
    ($(#[$about:meta])* pub struct $name:ident $(<$life:lifetime>)? {
        $($(#[$field_about:meta])* $field:ident: $type:ty = $member:literal, $rule:expr;)*
    }) => {
        $(#[$about])*
        #[derive(Debug, Default)]
        pub struct $name $(<$life>)? { $($(#[$field_about])* pub $field: $type,)* }

        impl<'a> $name $(<$life>)? {
            /// The members with their constraints.
            pub const MEMBERS: &'static [$crate::protocol::Member] = &[$($crate::protocol::Member {
                name: $member,
                required: <$type as $crate::protocol::Decode<'_>>::REQUIRED,
                rule: $rule,
            }),*];
        }

        impl<'a> $crate::protocol::Decode<'a> for $name $(<$life>)? {
            fn present(
                json: $crate::protocol::Json<'a>,
                _: &$crate::protocol::Rule,
                at: &$crate::protocol::Place<'_>,
                found: &mut Vec<$crate::protocol::Violation>,
            ) -> Result<Self, $crate::protocol::Mistyped> {
                #[allow(unused_mut, unused_variables)]
                let mut members = match json {
                    $crate::protocol::Json::Object(members) => members,
                    $crate::protocol::Json::List(_) => return Err($crate::protocol::Mistyped::LIST),
                    _ => return Err($crate::protocol::Mistyped::NOT_A_STRUCTURE),
                };
                Ok(Self { $($field: {
                    const RULE: $crate::protocol::Rule = $rule;
                    $crate::protocol::member(&mut members, $member, &RULE, at, found)?
                },)* })
            }

            fn absent(at: &$crate::protocol::Place<'_>, found: &mut Vec<$crate::protocol::Violation>) -> Self {
                found.push(at.must_not_be_null());
                Self::default()
            }
        }
    };
}

/// Declares a set of words, `Variant = "WORD"`, in the order in which messages list them.
macro_rules! words {
    ($(#[$about:meta])* pub enum $name:ident {
        $(#[$first_about:meta])* $first:ident = $first_word:literal,
        $($(#[$variant_about:meta])* $variant:ident = $word:literal,)*
    }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub enum $name { $(#[$first_about])* #[default] $first, $($(#[$variant_about])* $variant,)* }

        impl $crate::protocol::Named for $name {
            const NAMES: &'static [(&'static str, Self)] =
                &[($first_word, $name::$first), $(($word, $name::$variant),)*];
            const WORDS: &'static [&'static str] = &[$first_word, $($word,)*];

            fn name(self) -> &'static str {
                match self { $name::$first => $first_word, $($name::$variant => $word,)* }
            }
        }

        impl<'a> $crate::protocol::Decode<'a> for $name {
            fn present(
                json: $crate::protocol::Json<'a>,
                _: &$crate::protocol::Rule,
                at: &$crate::protocol::Place<'_>,
                found: &mut Vec<$crate::protocol::Violation>,
            ) -> Result<Self, $crate::protocol::Mistyped> {
                $crate::protocol::one_of(json, at, found)
            }

            fn absent(at: &$crate::protocol::Place<'_>, found: &mut Vec<$crate::protocol::Violation>) -> Self {
                found.push(at.must_not_be_null());
                Self::default()
            }
        }
    };
}

/// Declares an answer's shape: `field: Type = "member"`. An `Option` without value is left out.
macro_rules! answer {
    ($(#[$about:meta])* pub struct $name:ident {
        $($(#[$field_about:meta])* $field:ident: $type:ty = $member:literal;)*
    }) => {
        $(#[$about])*
        #[derive(Debug)]
        pub struct $name { $($(#[$field_about])* pub $field: $type,)* }

        impl $crate::protocol::Answer for $name {
            const MEMBERS: &'static [&'static str] = &[$($member),*];
        }

        impl $crate::protocol::Encode for $name {
            #[allow(unused_mut, unused_variables, unused_assignments)]
            fn write(&self, out: &mut String) {
                out.push('{');
                let mut first = true;
                $(if $crate::protocol::Encode::is_there(&self.$field) {
                    $crate::protocol::write_name($member, &mut first, out);
                    $crate::protocol::Encode::write(&self.$field, out);
                })*
                out.push('}');
            }
        }
    };
}

pub(crate) use {answer, shape, words};
