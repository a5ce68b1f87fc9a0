#include "adapters/fhir_r4/resource_update.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <span>
#include <string_view>

#include "adapters/fhir_r4/systems.h"
#include "fhir/tree/same_name.h"

namespace cpis::fhir_r4 {
namespace {

// Elements in the order of the specification (R4 Patient and Encounter). Forms of one choice stand
// in one row: a message that gives one of them replaces the other. `text` is not kept: it told of
// the older version.
struct Row {
  std::string_view name;
  std::string_view other{};    // the other form of a choice
  std::string_view cleared{};  // HL7 paths that take it back, separated by blanks
  bool locates = false;        // tells where the person lives or is registered
};
constexpr Row patient_rows[] = {
    {"implicitRules"},
    {"language"},
    {"contained"},
    {"extension"},
    {"modifierExtension"},
    {"identifier"},
    {"active"},
    {"name", "", "PID-5"},
    {"telecom", "", "PID-13", true},
    {"gender", "", "PID-8"},
    {"birthDate", "", "PID-7"},
    {"deceasedBoolean", "deceasedDateTime", "PID-29 PID-30"},
    {"deceasedDateTime", "deceasedBoolean", "PID-29 PID-30"},
    {"address", "", "PID-11", true},
    {"maritalStatus", "", "PID-16"},
    {"multipleBirthBoolean", "multipleBirthInteger", "PID-24 PID-25"},
    {"multipleBirthInteger", "multipleBirthBoolean", "PID-24 PID-25"},
    {"photo"},
    {"contact", "", "", true},
    {"communication", "", "PID-15"},
    {"generalPractitioner", "", "PD1-3 PD1-4", true},
    {"managingOrganization"},
    {"link"},
};
constexpr Row encounter_rows[] = {
    {"implicitRules"},
    {"language"},
    {"contained"},
    {"extension"},
    {"modifierExtension"},
    {"identifier"},
    {"status"},
    {"statusHistory"},
    {"class"},
    {"classHistory"},
    {"type"},
    {"serviceType", "", "PV1-10"},
    {"priority", "", "PV2-25"},
    {"subject"},
    {"episodeOfCare", "", "PV1-50"},
    {"basedOn"},
    {"participant", "", "PV1-7 PV1-8 PV1-9 PV1-17"},
    {"appointment"},
    {"period"},
    {"length"},
    {"reasonCode", "", "PV2-3"},
    {"reasonReference"},
    {"diagnosis"},
    {"account"},
    {"hospitalization"},
    {"location", "", "PV1-3", true},
    {"serviceProvider"},
    {"partOf"},
};

// Parts of elements that a field of its own fills.
struct Part {
  std::string_view name;
  std::string_view cleared;
};
constexpr Part hospitalization_parts[] = {
    {"admitSource", "PV1-14"},
    {"reAdmission", "PV1-13"},
    {"dischargeDisposition", "PV1-36"},
    {"preAdmissionIdentifier", "PV1-5"},
};
constexpr Part extension_urls[] = {
    {"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-EthnicCategory", "PID-22"},
    {"http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName", "PID-6"},
    {"http://hl7.org/fhir/StructureDefinition/patient-birthPlace", "PID-23"},
    {"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-AdmissionMethod", "PV1-4"},
    {"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DischargeMethod", "PV1-36"},
    {"http://hl7.org/fhir/StructureDefinition/encounter-modeOfArrival", "PV2-38"},
};

// The first child of a resource for each row. Children mostly stand in the order of the rows, so
// each is looked for behind the one before it.
class FirstChildren {
 public:
  FirstChildren(const fhir::Element& resource, std::span<const Row> rows) {
    std::size_t next = 0;
    for (const fhir::Element& child : resource.children()) {
      if (child.index() != 0) continue;
      for (std::size_t tried = 0; tried < rows.size(); ++tried) {
        const std::size_t row = next;
        next = next + 1 == rows.size() ? 0 : next + 1;
        if (!fhir::same_name(rows[row].name, child.name())) continue;
        if (of_[row] == nullptr) of_[row] = &child;
        break;
      }
    }
  }
  const fhir::Element* operator[](std::size_t row) const { return of_[row]; }

 private:
  std::array<const fhir::Element*, std::max(std::size(patient_rows), std::size(encounter_rows))>
      of_{};
};

class Update {
 public:
  Update(fhir::Document& doc, const fhir::Element& fresh, const fhir::Element& old,
         const Retraction& retraction)
      : doc_{doc},
        fresh_{fresh},
        old_{old},
        retraction_{retraction},
        rows_{fresh.resource_type() == "Patient" ? std::span<const Row>{patient_rows}
                                                 : std::span<const Row>{encounter_rows}},
        of_fresh_{fresh, rows_},
        of_old_{old, rows_} {}

  void run() {
    root_ = &doc_.set_root(fresh_.resource_type());
    clone_all(fresh_, "id");
    write_meta();
    for (std::size_t row = 0; row < rows_.size(); ++row) write(row);
  }

 private:
  // True when any of the paths, separated by blanks, was taken back.
  bool is_cleared(std::string_view paths) const {
    while (!paths.empty()) {
      const std::string_view one = paths.substr(0, paths.find(' '));
      const auto& cleared = retraction_.cleared;
      if (std::find(cleared.begin(), cleared.end(), one) != cleared.end()) return true;
      paths.remove_prefix(std::min(paths.size(), one.size() + 1));
    }
    return false;
  }

  void clone_all(const fhir::Element& from, std::string_view name) {
    for (const fhir::Element& each : from.children(name)) doc_.clone_view(*root_, each);
  }
  // From the first of a name on; null: there is none.
  void clone_all(const fhir::Element* first) {
    if (first == nullptr) return;
    for (const fhir::Element& each : fhir::ElementRange{first, first->name()}) {
      doc_.clone_view(*root_, each);
    }
  }

  // The label of shielding is the newer message's to give or to lift; other labels stay.
  void write_meta() {
    const fhir::Element* fresh = fresh_.first("meta");
    const fhir::Element* old = old_.first("meta");
    if (fresh == nullptr && old == nullptr) return;
    fhir::Element& meta = doc_.append(*root_, "meta");
    for (const std::string_view name : {"source", "profile", "security", "tag"}) {
      const fhir::Element* from = fresh != nullptr && fresh->first(name) != nullptr ? fresh : old;
      if (name == "security") {
        copy_labels(meta, old);
        from = fresh;
      }
      if (from == nullptr) continue;
      for (const fhir::Element& each : from->children(name)) doc_.clone_view(meta, each);
    }
    if (!meta.has_children()) doc_.remove(meta);
  }

  void copy_labels(fhir::Element& meta, const fhir::Element* old) {
    if (old == nullptr) return;
    for (const fhir::Element& label : old->children("security")) {
      if (label.value_of("system") != systems::confidentiality) doc_.clone_view(meta, label);
    }
  }

  void write(std::size_t at) {
    const Row& row = rows_[at];
    const fhir::Element* const fresh = of_fresh_[at];
    const fhir::Element* const old = of_old_[at];
    if (fresh == nullptr && old == nullptr) return;
    if (row.name == "extension") return write_extensions(*root_, &fresh_, &old_);
    if (row.name == "identifier") return write_identifiers();
    if (row.name == "period") return write_period();
    if (row.name == "hospitalization") return write_hospitalization();
    if (row.locates && retraction_.shielded) return;
    if (fresh != nullptr && !is_empty_gender(row)) return clone_all(fresh);
    const bool replaced = !row.other.empty() && fresh_.first(row.other) != nullptr;
    const bool kept = !replaced && !is_cleared(row.cleared);
    clone_all(kept && old != nullptr ? old : fresh);
  }

  // Always written: `unknown` may mean that the message did not say.
  bool is_empty_gender(const Row& row) const {
    return row.name == "gender" && fresh_.value_of("gender") == "unknown";
  }

  void write_extensions(fhir::Element& made, const fhir::Element* fresh, const fhir::Element* old) {
    if (old != nullptr) {
      for (const fhir::Element& each : old->children("extension")) {
        const std::string_view url = each.value_of("url");
        const auto* known = std::find_if(std::begin(extension_urls), std::end(extension_urls),
                                         [&](const Part& part) { return part.name == url; });
        if (known != std::end(extension_urls) && is_cleared(known->cleared)) continue;
        if (fresh == nullptr || !has(*fresh, "extension", "url", url)) doc_.clone_view(made, each);
      }
    }
    if (fresh == nullptr) return;
    for (const fhir::Element& each : fresh->children("extension")) doc_.clone_view(made, each);
  }

  static bool has(const fhir::Element& parent, std::string_view list, std::string_view name,
                  std::string_view value) {
    const auto items = parent.children(list);
    return std::any_of(items.begin(), items.end(),
                       [&](const fhir::Element& item) { return item.value_of(name) == value; });
  }

  static std::string_view authority_of(const fhir::Element& identifier) {
    const fhir::Element* assigner = identifier.first("assigner");
    const std::string_view named =
        assigner == nullptr ? std::string_view{} : assigner->value_of("display");
    return named.empty() ? identifier.value_of("system") : named;
  }

  void write_identifiers() {
    clone_all(fresh_, "identifier");
    for (const fhir::Element& each : old_.children("identifier")) {
      const auto items = fresh_.children("identifier");
      const bool said = std::any_of(items.begin(), items.end(), [&](const fhir::Element& item) {
        return authority_of(item) == authority_of(each) ||
               item.value_of("value") == each.value_of("value");
      });
      if (!said) doc_.clone_view(*root_, each);
    }
  }

  void write_period() {
    const fhir::Element* fresh = fresh_.first("period");
    const fhir::Element* old = old_.first("period");
    if (fresh == nullptr && old == nullptr) return;
    fhir::Element& period = doc_.append(*root_, "period");
    const bool over = fresh_.value_of("status") == "finished" && !is_cleared("PV1-45");
    for (const std::string_view name : {"start", "end"}) {
      const bool kept = name == "start" ? !is_cleared("PV1-44") : over;
      const fhir::Element* found = fresh == nullptr ? nullptr : fresh->first(name);
      if (found == nullptr && old != nullptr && kept) found = old->first(name);
      if (found != nullptr) doc_.clone_view(period, *found);
    }
    if (!period.has_children()) doc_.remove(period);
  }

  void write_hospitalization() {
    const fhir::Element* fresh = fresh_.first("hospitalization");
    const fhir::Element* old = old_.first("hospitalization");
    if (old == nullptr) return clone_all(fresh_, "hospitalization");
    fhir::Element& made = doc_.append(*root_, "hospitalization");
    write_extensions(made, fresh, old);
    // In the order of the specification: identifier, origin, source, ..., disposition.
    for (const std::string_view name :
         {"preAdmissionIdentifier", "origin", "admitSource", "reAdmission", "dietPreference",
          "specialCourtesy", "specialArrangement", "destination", "dischargeDisposition"}) {
      const auto* part =
          std::find_if(std::begin(hospitalization_parts), std::end(hospitalization_parts),
                       [&](const Part& each) { return each.name == name; });
      const bool cleared = part != std::end(hospitalization_parts) && is_cleared(part->cleared);
      const bool said = fresh != nullptr && fresh->first(name) != nullptr;
      if (!said && cleared) continue;
      for (const fhir::Element& each : (said ? *fresh : *old).children(name)) {
        doc_.clone_view(made, each);
      }
    }
    if (!made.has_children()) doc_.remove(made);
  }

  fhir::Document& doc_;
  const fhir::Element& fresh_;
  const fhir::Element& old_;
  const Retraction& retraction_;
  const std::span<const Row> rows_;
  const FirstChildren of_fresh_;
  const FirstChildren of_old_;
  fhir::Element* root_ = nullptr;
};

}  // namespace

void update_resource(fhir::Document& out, const fhir::Element& fresh, const fhir::Element& old,
                     const Retraction& retraction) {
  Update{out, fresh, old, retraction}.run();
}

}  // namespace cpis::fhir_r4
