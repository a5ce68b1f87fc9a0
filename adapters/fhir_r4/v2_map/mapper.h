#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/fhir_r4/v2_map/convert.h"
#include "adapters/fhir_r4/v2_map/values.h"

namespace cpis::fhir_r4::v2 {

/// Walks the tables over one message. For one conversion; see convert.h.
class Mapper {
 public:
  Mapper(const FieldSource& fields, const AdtEvent& event, const Tables& tables,
         const ConversionContext& context, Findings& findings);

  fhir::Document run();

 private:
  /// The segment, or the repetition of a field, that a rule is applied to.
  using At = FieldAddress;

  void learn_facts();
  void learn_visit();
  std::string derived_patient_id() const;
  std::string derived_encounter_id() const;
  const std::string& scope() const;

  void make_segment_resources(const ResourceRule& rule);
  void make_and_remember(const ResourceRule& rule, const At& at);
  /// Its place in made_.
  std::optional<std::size_t> make_resource(const ResourceRule& rule, const At& at);
  fhir::Element& add_entry(std::string_view reference);
  void add_request(fhir::Element& entry, std::string_view reference);
  std::string id_of(const ResourceRule& rule, const At& at) const;
  void restrict(fhir::Element& resource);
  void add_merged_patients();

  bool holds(const std::vector<Condition>& conditions, const At& at) const;
  std::optional<At> address(const Source& source, const At& at) const;
  /// Valid while the message, this and `room` are, until `room` is changed.
  std::string_view text(const Source& source, const At& at, std::string& room) const;
  std::string_view fact(const Source& source, std::string& room) const;
  static bool is_place(const Source& source, const At& at);
  /// The same for the writing functions below: `at` is already the address of the source, or for a
  /// fact where its rule is applied.
  std::string_view text_at(const Source& source, const At& at, std::string& room) const;
  std::optional<SentTime> time_at(const Source& source, const At& at) const;

  void apply_all(const std::vector<Rule>& rules, fhir::Element& element, const At& at);
  void apply(const Rule& rule, fhir::Element& element, const At& at);
  void apply_to_repetitions(const Rule& rule, fhir::Element& element, const At& field);
  void write(const Rule& rule, fhir::Element& element, const Source& source, const At& at);
  void write_primitive(const Rule& rule, fhir::Element& element, const Source& source,
                       const At& at);
  bool write_time(const Rule& rule, fhir::Element& element, const Source& source, const At& at);
  void refer(const Rule& rule, fhir::Element& element, std::string_view reference);

  const MappedCode* mapped(const Rule& rule, std::string_view code, const At& at);
  /// Views of the tables, of `words`, and of the message or `room`.
  std::optional<CodingView> coding_of(const Rule& rule, const Source& source, const At& at,
                                      std::string_view words, std::string& room);
  void write_concept(const Rule& rule, fhir::Element& element, const Source& source, const At& at);
  void write_coding(const Rule& rule, fhir::Element& element, const Source& source, const At& at);
  void write_patient_identifier(const Rule& rule, fhir::Element& element, const At& at);
  void write_contact_point(const Rule& rule, fhir::Element& element, const At& at);
  std::string_view part(const At& at, std::size_t component, std::string& room) const;
  static std::string path_text(const At& at);

  const FieldSource& fields_;
  const AdtEvent& event_;
  const Tables& tables_;
  const ConversionContext& context_;
  Findings& findings_;

  fhir::Document doc_;
  fhir::Element* bundle_ = nullptr;
  std::string patient_id_;
  std::string encounter_id_;
  std::string birth_date_;
  // The dozen that there are, by name: views of the event, the context and what is above.
  std::vector<std::pair<std::string_view, std::string_view>> facts_;
  std::vector<std::pair<std::string_view, Time>> fact_times_;
  std::vector<std::pair<std::string_view, std::size_t>> references_;  // key -> place in made_
  std::vector<std::string> made_;                                     // Type/id, in order
  std::size_t depth_ = 0;  // of resources made within one
};

}  // namespace cpis::fhir_r4::v2
