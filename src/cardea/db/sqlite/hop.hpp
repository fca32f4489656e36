// Suspends a coroutine until somebody calls back with rows.
#pragma once

#include <functional>

#include "cardea/db/value.hpp"
#include "cardea/runtime/coroutine.hpp"

namespace cardea::db::sqlite {

/// Resumes the waiting coroutine, through its executor. Called once, on the I/O thread.
using Done = std::move_only_function<void(Result<Rows>)>;
/// Takes back what was asked for, when that is still possible. May be called at any time.
using Cancel = std::function<void()>;

/// Gets the Done and gives the Cancel that belongs to it.
using Start = std::move_only_function<Cancel(Done)>;

Task<Rows> hop(Start start);

}  // namespace cardea::db::sqlite
