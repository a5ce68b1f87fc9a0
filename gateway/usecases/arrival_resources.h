#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "adapters/core/attendance.h"
#include "adapters/hl7v2/feed_settings.h"
#include "adapters/hl7v2/message.h"
#include "gateway/resources/resource_book.h"
#include "gateway/usecases/admission_changes.h"
#include "gateway/usecases/arrival_bodies.h"
#include "gateway/usecases/feed_mappings.h"

namespace cpis::usecases {

/// What messages leave beside Patient, Encounter and Flag.
inline constexpr std::array<std::string_view, 8> companion_types{
    "Coverage",     "EpisodeOfCare",    "Location",   "Organization",
    "Practitioner", "PractitionerRole", "Provenance", "RelatedPerson"};

/// One message that is worked on. Everything must live until the call returns.
struct Arrival {
  const hl7v2::Message& message;
  const AdtEvent& event;
  const hl7v2::FeedSettings& feed;
  std::string_view feed_name;
  std::int64_t message_id;  ///< of the inbox
  Time now;
};

/// Makes of the Patient and Encounter that a message plans the resources that are written for it.
///
/// What the message does not say stays as it was (fhir_r4::update_resource), and what is as it was
/// is not written again. With companions, Patient and Encounter are those of the feed's v2-to-FHIR
/// tables, and RelatedPerson, EpisodeOfCare, Location, Practitioner, PractitionerRole, Organization
/// and Coverage come with them, by ids that a re-sent message finds again. A Provenance with the id
/// of the visit, or of the person when there is none, names the stored message whenever that
/// message changed something; its earlier versions name the earlier messages.
///
/// The next of kin that a sender names replace those it named before: others become inactive. Of a
/// shielded person no next of kin and no place is kept: not in what the message makes, and from
/// then on not in what older messages left.
///
/// When a record was merged into another, what is about its person follows the survivor
/// (moved_resources.h).
///
/// For the one thread that processes messages.
class ArrivalResources {
 public:
  ArrivalResources(const resources::ResourceBook& book, const FeedMappings& mappings,
                   bool companions)
      : book_{book}, mappings_{mappings}, companions_{companions} {}

  /// A batch begins: what the one before wrote is in the book, or is lost.
  void begin() {
    pending_.clear();
    pending_kin_.clear();
  }
  void complete(const Arrival& arrival, AdmissionChanges& changes);
  /// Somebody's Patient was written over FHIR and says now that they are shielded: adds what older
  /// messages left, without place and kin.
  void hide_rest(std::string_view patient_id, AdmissionChanges& changes);

 private:
  struct Known {
    std::string body;  ///< with a version when it is from the book; empty: there is none
    std::optional<std::int64_t> version;  ///< 0: there is none; nothing: written by this batch
  };
  /// What may be written for the message at hand. The trees live as long as it is worked on.
  struct Candidate {
    ResourceBody resource;
    const fhir::Element* said = nullptr;  ///< by the message, when it is laid over what is kept
    const fhir::Element* tree = nullptr;  ///< of the body; null: only the text is at hand
    std::string name = {};                ///< Type/id
    bool is_known = false;                ///< the body is what is kept
  };
  Known known(std::string_view type, std::string_view id) const;
  bool is_known(const ResourceBody& resource, const std::string& name) const;
  static Candidate* candidate(std::vector<Candidate>& among, std::string_view type,
                              std::string_view id);
  void add_related(const Arrival& arrival, const PatientState& patient,
                   std::vector<Candidate>& made) const;
  fhir::Document mapped(const Arrival& arrival, const AdmissionChanges& changes);
  static std::vector<Candidate> companions(const Arrival& arrival, bool shielded,
                                           const fhir::Document& bundle, Candidate* patient,
                                           Candidate* encounter);
  static ResourceBody provenance_of(const Arrival& arrival, const std::string& id,
                                    const std::vector<Candidate>& about);
  void follow_survivors(AdmissionChanges& changes) const;
  bool shows_place(const std::string& patient_id) const;
  void hide_one(std::string_view type, std::string_view id,
                std::vector<ResourceBody>& hidden) const;
  std::vector<ResourceBody> hidden(const AdmissionChanges& changes) const;
  void write(ResourceBody one, std::string name, AdmissionChanges& changes);
  void write_all(const Arrival& arrival, bool shielded, std::vector<Candidate> all,
                 AdmissionChanges& changes);
  std::vector<std::pair<std::string, std::string>> about(std::string_view patient_id) const;
  MessageBody what_is_said(const Arrival& arrival, bool shielded, std::string fresh) const;
  void update(const Arrival& arrival, bool shielded, Candidate& one, LaidOver& laid) const;

  const resources::ResourceBook& book_;
  const FeedMappings& mappings_;
  bool companions_;
  AdtEvent settled_;                                      // of the message at hand
  std::unordered_map<std::string, std::string> pending_;  // Type/id -> body, of this batch
  // Patient -> their RelatedPersons that this batch made.
  std::unordered_map<std::string, std::vector<std::string>> pending_kin_;
};

}  // namespace cpis::usecases
