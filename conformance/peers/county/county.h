#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/core/nhs_number.h"
#include "adapters/core/person.h"
#include "adapters/core/plan.h"
#include "adapters/core/time.h"

namespace cpis::county {

/// One invented person of the county. NHS numbers are of the 999 test range with right check
/// digits, names are made up.
struct CountyPerson {
  NhsNumber nhs_number;
  std::string local_id;  ///< in the council's system
  PersonName name;
  Date birth{};
  bool female = false;
  bool is_mother = false;  ///< of a child in the county
  bool on_plan = false;    ///< has at least one open plan that the council's export carries
  std::vector<PlanType> open_plans;  ///< of this person; UCP: held as a mother
  std::string expected_outcome;      ///< CPR code that an upload of this person should meet
};

/// The files that one county consists of.
enum class CountyFile : std::uint8_t {
  ssd_person,
  ssd_cp_plans,
  ssd_legal_status,
  ssd_mother,
  cohort,        ///< the same children as CP-IS cohort CSV v1
  person_index,  ///< stands for PDS:
                 ///< nhs_number,given_names,family_name,birth_date,sensitive,superseded
};
inline constexpr std::size_t county_files = 6;
/// `ssd_person.csv` and so on.
std::string_view name_of(CountyFile file);

class CountySink {
 public:
  virtual ~CountySink() = default;
  /// The next line of a file, with its line break. The header comes first.
  virtual void line(CountyFile file, std::string_view text) = 0;
  virtual void person(const CountyPerson& person) = 0;
};

struct CountyOptions {
  std::uint64_t seed = 1;
  std::size_t children = 2000;  ///< with at least one plan; at most 400,000
  Date today{};
  std::string_view la_dfe = "999";
  /// Real exports are not clean: missing numbers, odd labels, mothers without a number, children
  /// whom the index knows differently. Off: everything can be loaded.
  bool with_flaws = true;
};

/// Writes a county as the Liquidlogic SSD tables, the cohort CSV and a person index. The same
/// options give the same bytes on every machine.
void generate_county(const CountyOptions& options, CountySink& sink);

/// Keeps the county in memory.
class MemoryCounty final : public CountySink {
 public:
  void line(CountyFile file, std::string_view text) override {
    files[static_cast<std::size_t>(file)].append(text);
  }
  void person(const CountyPerson& one) override { people.push_back(one); }
  const std::string& text(CountyFile file) const { return files[static_cast<std::size_t>(file)]; }

  std::array<std::string, county_files> files;
  std::vector<CountyPerson> people;
};

}  // namespace cpis::county
