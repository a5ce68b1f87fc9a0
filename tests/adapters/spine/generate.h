#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "adapters/core/access.h"
#include "adapters/core/notice.h"
#include "adapters/core/protection.h"
#include "adapters/core/upload.h"

namespace cpis::test {

/// Makes up values for property tests: every run the same, names and numbers invented, with the
/// characters that break careless writers (& < > " ', accents, several words).
class Generate {
 public:
  explicit Generate(unsigned seed) : random_{seed} {}

  std::size_t below(std::size_t limit) { return random_() % limit; }
  bool coin() { return below(2) == 0; }

  NhsNumber nhs_number();  ///< from the 999 range
  std::string uuid();
  std::string digits(std::size_t count);
  std::string word();
  std::string words(std::size_t most);
  Time time();  ///< to the second
  Date date();
  PlanDate plan_date();

  Caller person();
  Caller system();
  Caller caller() { return coin() ? person() : system(); }
  Council council();
  AccessEvent access();
  AccessNotice access_notice();
  InactiveNotice inactive_notice();
  Plan plan(PlanType type);
  PlanSubject subject(bool mother);
  UploadRecord record();
  UploadFile upload();
  ProtectionRecord protection(std::size_t plans, std::size_t accesses);

 private:
  std::mt19937 random_;
};

}  // namespace cpis::test
