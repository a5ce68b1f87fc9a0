#include <iostream>
#include <utility>

#include "gateway/app/pds_line.h"
#include "gateway/console/commands.h"
#include "gateway/console/console.h"
#include "gateway/observe/clock.h"

namespace cpis::console {
namespace {

int tell(const Error& why) {
  std::cerr << why.message << '\n';
  const bool said_by_pds = why.kind == ErrorKind::not_found || why.kind == ErrorKind::conflict;
  return said_by_pds ? exit_findings : exit_failed;
}

int tell(const spine::PdsPerson& person, bool superseded) {
  std::cout << person.nhs_number.digits() << ' ' << app::words_of(person, superseded) << '\n';
  return exit_ok;
}

}  // namespace

int trace_person(const TraceOptions& options) {
  const auto settings = load_settings(options.config);
  if (!settings) return exit_config;
  if (settings->pds.url.empty()) {
    std::cerr << "pds.url is not set: there is nobody to ask\n";
    return exit_config;
  }
  const observe::SystemClock clock;
  const auto line = app::PdsLine::open(settings->pds, clock);
  if (!line) return tell(line.error());
  net::PdsClient& pds = (*line)->client();
  if (!options.number.empty()) {
    const auto number = NhsNumber::parse(options.number);
    if (!number) return tell(Error{ErrorKind::bad_input, "this is not an NHS number"});
    const auto read = pds.read(*number);
    return read ? tell(read->person, read->superseded) : tell(read.error());
  }
  const auto born = parse_iso_date(options.born);
  if (!born) return tell(Error{ErrorKind::bad_input, "a birth date like 2018-04-12 is needed"});
  spine::PdsTraits traits{options.family, {}, born, options.gender, options.postcode};
  if (!options.given.empty()) traits.given.push_back(options.given);
  const auto found = pds.trace(traits);
  if (found) return tell(*found, false);
  if (found.error().kind == ErrorKind::not_found && !options.postcode.empty()) {
    std::cerr << "restricted people are not found by a postcode; ";
  }
  return tell(found.error());
}

}  // namespace cpis::console
