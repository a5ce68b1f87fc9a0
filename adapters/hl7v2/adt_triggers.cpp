#include <algorithm>
#include <array>

#include "adapters/hl7v2/adt_reader.h"

namespace cpis::hl7v2 {
namespace {

using enum AdtAction;
using State = VisitState;

// What the state column says holds for the event alone: an update restates a visit without saying
// where it stands. A04 registers an outpatient in ITK and an ED arrival in the field; either way
// the patient is there. Deleting a person (A29) and linking (A24, A37) ask for nothing here: a
// record is never removed on a message.
constexpr std::array rules{
    TriggerRule{"A01", arrive, State::in_progress, "admitted or arrived"},
    TriggerRule{"A02", update_visit, State::unknown, "moved to another location"},
    TriggerRule{"A03", discharge, State::finished, "discharged"},
    TriggerRule{"A04", arrive, State::in_progress, "registered or arrived"},
    TriggerRule{"A05", preadmit, State::planned, "visit planned"},
    TriggerRule{"A06", update_visit, State::unknown, "outpatient became inpatient"},
    TriggerRule{"A07", update_visit, State::unknown, "inpatient became outpatient"},
    TriggerRule{"A08", update_visit, State::unknown, "visit or person updated"},
    TriggerRule{"A09", update_visit, State::unknown, "leaving a location"},
    TriggerRule{"A10", update_visit, State::unknown, "arriving at a location"},
    TriggerRule{"A11", cancel_arrival, State::cancelled, "arrival cancelled"},
    TriggerRule{"A12", update_visit, State::unknown, "move cancelled"},
    TriggerRule{"A13", cancel_discharge, State::in_progress, "discharge cancelled"},
    TriggerRule{"A14", preadmit, State::planned, "admission pending"},
    TriggerRule{"A15", update_visit, State::unknown, "move pending"},
    TriggerRule{"A16", update_visit, State::unknown, "discharge pending"},
    TriggerRule{"A17", update_visit, State::unknown, "beds of two patients swapped"},
    TriggerRule{"A18", merge, State::unknown, "patients merged"},
    TriggerRule{"A20", none, State::unknown, "bed status"},
    TriggerRule{"A21", update_visit, State::unknown, "left on leave"},
    TriggerRule{"A22", update_visit, State::unknown, "returned from leave"},
    TriggerRule{"A23", cancel_arrival, State::cancelled, "visit deleted"},
    TriggerRule{"A24", none, State::unknown, "patients linked"},
    TriggerRule{"A25", update_visit, State::unknown, "pending discharge cancelled"},
    TriggerRule{"A26", update_visit, State::unknown, "pending move cancelled"},
    TriggerRule{"A27", cancel_arrival, State::cancelled, "pending admission cancelled"},
    TriggerRule{"A28", update_person, State::unknown, "person added"},
    TriggerRule{"A29", none, State::unknown, "person deleted at the sender"},
    TriggerRule{"A30", merge, State::unknown, "persons merged"},
    TriggerRule{"A31", update_person, State::unknown, "person updated"},
    TriggerRule{"A32", update_visit, State::unknown, "arrival at a location cancelled"},
    TriggerRule{"A33", update_visit, State::unknown, "departure from a location cancelled"},
    TriggerRule{"A34", merge, State::unknown, "patients merged"},
    TriggerRule{"A35", none, State::unknown, "accounts merged"},
    TriggerRule{"A36", merge, State::unknown, "patients and accounts merged"},
    TriggerRule{"A37", none, State::unknown, "patients unlinked"},
    TriggerRule{"A38", cancel_arrival, State::cancelled, "planned visit cancelled"},
    TriggerRule{"A39", merge, State::unknown, "persons merged"},
    TriggerRule{"A40", merge, State::unknown, "patients merged"},
    TriggerRule{"A41", none, State::unknown, "accounts merged"},
    TriggerRule{"A42", move_visit, State::unknown, "visits merged"},
    TriggerRule{"A43", merge, State::unknown, "identifiers moved to another person"},
    TriggerRule{"A44", move_visit, State::unknown, "account moved to another patient"},
    TriggerRule{"A45", move_visit, State::unknown, "visit moved to another patient"},
    TriggerRule{"A46", merge, State::unknown, "identifier changed"},
    TriggerRule{"A47", merge, State::unknown, "identifier changed"},
    TriggerRule{"A48", merge, State::unknown, "alternate identifier changed"},
    TriggerRule{"A49", none, State::unknown, "account number changed"},
    TriggerRule{"A50", move_visit, State::unknown, "visit number changed"},
    TriggerRule{"A51", none, State::unknown, "alternate visit number changed"},
    TriggerRule{"A52", update_visit, State::unknown, "leave cancelled"},
    TriggerRule{"A53", update_visit, State::unknown, "return from leave cancelled"},
    TriggerRule{"A54", update_visit, State::unknown, "responsible doctor changed"},
    TriggerRule{"A55", update_visit, State::unknown, "change of doctor cancelled"},
    TriggerRule{"A60", none, State::unknown, "allergies updated"},
    TriggerRule{"A61", update_visit, State::unknown, "consulting doctor changed"},
    TriggerRule{"A62", update_visit, State::unknown, "change of consulting doctor cancelled"},
};

constexpr bool sorted() {
  for (std::size_t i = 1; i < rules.size(); ++i) {
    if (!(rules[i - 1].trigger < rules[i].trigger)) return false;
  }
  return true;
}
static_assert(sorted());

constexpr std::array<std::string_view, 14> taking_back{"A11", "A12", "A13", "A23", "A25",
                                                       "A26", "A27", "A32", "A33", "A38",
                                                       "A52", "A53", "A55", "A62"};

}  // namespace

std::span<const TriggerRule> trigger_rules() { return rules; }

bool takes_back(std::string_view trigger) {
  return std::find(taking_back.begin(), taking_back.end(), trigger) != taking_back.end();
}

const TriggerRule* find_trigger(std::string_view trigger) {
  const auto* row = std::lower_bound(
      rules.begin(), rules.end(), trigger,
      [](const TriggerRule& rule, std::string_view wanted) { return rule.trigger < wanted; });
  return row == rules.end() || row->trigger != trigger ? nullptr : row;
}

}  // namespace cpis::hl7v2
