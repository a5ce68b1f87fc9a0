#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace cpis {

/// What a caller can do about a failure. Add a kind only if callers act on it.
enum class ErrorKind {
  bad_input,    ///< the caller must change the request
  unsupported,  ///< well formed, but not something this product does
  forbidden,    ///< this caller may not do this
  not_found,
  conflict,     ///< the state of the record forbids it; read again
  busy,         ///< a limit is reached; try again later
  unavailable,  ///< something we depend on is away; nothing was decided
  timeout,      ///< something we depend on did not answer in time; the outcome is unknown
  fault,        ///< our own trouble
};
inline constexpr std::size_t error_kinds = 9;

/// The kind in lower case with hyphens, as it appears in logs and metrics.
constexpr std::string_view name_of(ErrorKind kind) {
  constexpr std::array<std::string_view, error_kinds> names{
      "bad-input", "unsupported", "forbidden", "not-found", "conflict",
      "busy",      "unavailable", "timeout",   "fault"};
  return names[static_cast<std::size_t>(kind)];
}

/// `message` is for operators and support. It never holds patient data.
struct Error {
  ErrorKind kind;
  std::string message;
};

/// Either a value or the reason there is none. Reading the wrong side throws
/// std::bad_variant_access: it is a bug in the reader, not a case to handle.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_{std::in_place_index<0>, std::move(value)} {}
  Result(Error error) : state_{std::in_place_index<1>, std::move(error)} {}

  explicit operator bool() const noexcept { return state_.index() == 0; }
  const T& operator*() const& { return std::get<0>(state_); }
  T& operator*() & { return std::get<0>(state_); }
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  const T* operator->() const { return &std::get<0>(state_); }
  T* operator->() { return &std::get<0>(state_); }
  const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

/// For work that yields nothing but may fail: `return done;` on success.
using Status = Result<std::monostate>;
inline constexpr std::monostate done{};

}  // namespace cpis
