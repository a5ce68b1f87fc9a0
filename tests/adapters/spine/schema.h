#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace cpis::test {

/// Where the published schemas and samples are, beside the project; empty when they are not here.
std::filesystem::path shared_folder();

/// True when the schemas are here. Says so in the test's output when they are not.
bool schemas_here();

/// Validates against `reference/hl7v3-schemas/Schemas/<schema>`: empty when valid, else the first
/// complaints. Only to be called when `schemas_here()`.
std::string why_invalid(std::string_view xml, const std::string& schema);

}  // namespace cpis::test
