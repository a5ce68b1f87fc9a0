#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace cpis::test {

using Convert = std::function<std::string(const std::string& input)>;

/// Runs one golden case for each folder under tests/data/<area>/ (call it inside a test case).
///
/// A folder holds `input.*` and `want.*`; `convert` must turn the first into the second. Set
/// CPIS_GOLDEN=update to rewrite `want.*`, then read the diff. `input.hl7` files hold one segment
/// a line; they reach `convert` with CR as the segment end. An area with fewer than `cases_min`
/// folders fails: a moved folder must not pass by testing nothing.
void check_golden_cases(const std::string& area, std::size_t cases_min, const Convert& convert);

/// Compares with tests/data/<path>; CPIS_GOLDEN=update writes it.
void check_golden_file(const std::string& path, const std::string& got);

/// The bytes of a file; fails the running test when it cannot be read.
std::string read_file(const std::string& path);

}  // namespace cpis::test
