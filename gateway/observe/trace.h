#pragma once

#include <string>
#include <string_view>

namespace cpis::observe {

/// The trace (W3C Trace Context) of all work with this correlation id: 32 lower-case hexadecimal
/// digits, never all zero. An id that is such digits, or a UUID, is the trace's id itself; of any
/// other the first 16 bytes of its SHA-256 are (`printf %s ID | sha256sum | cut -c1-32`).
std::string trace_id_of(std::string_view correlation_id);

/// While it lives, what this thread asks of other servers belongs to the work with this
/// correlation id (or trace id). Scopes nest; an empty id changes nothing.
class TraceScope {
 public:
  explicit TraceScope(std::string_view correlation_id);
  ~TraceScope();
  TraceScope(const TraceScope&) = delete;
  TraceScope& operator=(const TraceScope&) = delete;

 private:
  std::string before_;
};

/// The value of `traceparent` for one call that this thread makes now: the trace of the innermost
/// scope, a span id of the call's own, and the flag that it is recorded. Empty outside of scopes.
std::string next_traceparent();

}  // namespace cpis::observe
