'''The functions of templates, one file for each family, and how to write one.

    @function("repeat", signature="func(int, string) string")
    def repeat(context: Context, count: int, text: bytes) -> bytes:
        """Return the text repeated a number of times."""
        if count < 0:
            raise FunctionError("the count is negative")
        context.budget.memory(count * len(text))
        return text * count

**Register.** `@function` takes one or more names that share an implementation, and the signature exactly as
`functions.json` has it (a test compares them). List the names under the family in `index.py`, which imports a family
when a template first names one of its functions; heavy modules (cryptography, zone data) are imported by families
only. Types that a signature names have to be defined before: `TIME = define_type("time.Time", Kind.STRUCT)`.

**Arguments** fit the signature before the function is called: count, types and nil are settled by
`values/arguments.py`, in the form of the table in `values/objects.py`: `string` is bytes; every integer parameter an
int; `interface {}` anything, None for nil and for no value, a TypedInt for an int64; `map[string]interface {}` a Map
and `[]interface {}` a Slice, which may be `nil` (`.items` is then empty). Variadic arguments come as `*arguments`, not
as a Slice. Only the builtins' `reflect.Value` tells None (a nil that lies in a list or dict) from NO_VALUE (nothing
there).

**Results.** Return bytes for `string`, bool for `bool`, int for any integer type (it is wrapped, and becomes an int64
where the signature says so), float for `float64`, a Python list for `[]T`, a dict with bytes keys for `map[string]T`
(both become Slice and Map of the signature's type, and are not copied), bytes for `[]uint8`, and for `interface {}` a
value of the table: a plain list there is a defect. An `error` in the signature is an exception here:

**Errors.** Raise `FunctionError(reason, detail)` where Go's function returns an error or panics. `reason` is a fixed
text of ours: everybody may see it, so nothing made of an argument stands in it; that goes to `detail`. Where Go's
function swallows its error (`b64dec` returns the text of it), so does ours. No other exception leaves a function: a
cast that can fail, a codec, a library's own error are caught. A test calls every function with all kinds of values.

**Budget.** Charge before doing, so that a refused charge costs nothing: `context.budget.memory(n)` for n bytes about
to be made (the work of making them is included), `.items(n)` for a list or dict of n elements (strings made for them
come on top), `.steps(n)` for other work, a step being about a microsecond, `.depth(n)` on the way down through nested
values. What is charged for every call: a step for each KiB of the texts among the arguments, and the text that is
returned. A function that takes longer than a microsecond to read a KiB of its texts is registered with what it reads
in that time (`@function(..., bytes_per_step=32)`); texts in lists and dicts it charges itself. Half a million steps and
4 MiB for one value are the limits: see `limits.py`. A function that needs no budget takes no `context`. The table in
`tests/templating/test_charges.py` goes over all functions, and holds their steps against the time that they take.

**Slow work**, a tenth of a second or so, is charged by how often a template may ask for it (`limits.steps_of_a_few`),
and left out where `context.postpones()`; something of the same form is returned instead. A template with such work is
rendered a second time, for real, if the first time has shown that it keeps within its limits.

**The world.** `context.clock()` gives nanoseconds since 1970, `context.randomness(n)` n random bytes,
`context.zones(name)` a tzinfo or None. Nothing else of the outside is touched: no `time.time`, no `random`, no
`secrets`, no `open`.

**Values of types of their own** are subclasses of Struct (see `values/objects.py`), their methods registered by
`@method(TIME, "Format", signature="func(string) string")` on a function that takes the receiver first (`context`, if
any, before it). Methods that Go's templates cannot call are registered as well, by their real signature, so that they
fail as Go's do; their implementation is never reached. A struct's fields are listed in `define_type(..., fields=...)`.
A type with a method String is printed by it. For a pointer type define methods on the struct's type.

**Characters.** A Go string may hold bytes that are not UTF-8; `runes.decode`, `encode` and `repair` treat them as Go
does. Never decode with `errors="replace"`: it counts them otherwise.

**Helpers.** `fmt.sprint(context, *values)` is Go's fmt.Sprint, so of one value what `%v` makes, `fmt.sprintf(context,
b"%03d", 7)` its Sprintf, `fmt.quote(text)` is `%q` of a string; `texts.text_of(context, value)` and `texts.texts_of`
are Sprig's strval and strslice; `deepequality.deep_equal(context.budget, a, b)` is reflect.DeepEqual; `objects.truth`,
`objects.kind_of`, `objects.type_name`, `objects.integer`.

**Tests.** `tests/templating/test_vectors.py` runs every recorded vector: `pytest tests/templating/test_vectors.py -k
sprig_lists`. Beside them, write a table of your own in `tests/templating/functions/test_FAMILY.py`, of (sentence,
template, expected) with `render`, for what no vector covers: edges, errors, limits, and that an error's message shows
no value.
'''
