#pragma once

#include <string>
#include <string_view>

#include "adapters/fhir_r4/resource_update.h"
#include "fhir/tree/document.h"

namespace cpis::usecases {

/// What a message says of a Patient or Encounter, to be laid over what is kept of it.
struct MessageBody {
  std::string fresh;               ///< FHIR JSON without a version
  fhir_r4::Retraction retraction;  ///< `shielded` as far as the rules know when it was planned
  bool states_shielding = false;   ///< the message itself says whether the person is shielded
  bool in_order = false;           ///< `fresh` is in the order that an update writes in

  /// The body to write over `kept` (empty: there is none). A shield that is on what is kept, and
  /// that the rules have not heard of yet, stays: only a message that says so lifts one.
  std::string over(std::string_view kept) const;
};

/// What a message leaves of a resource; `merged` has views of the other two and of what was said.
struct LaidOver {
  fhir::Document kept;
  fhir::Document labelled;  ///< what was said, with the label that stays
  fhir::Document merged;
};

/// As MessageBody::over, for a message that is a tree already and a `kept` that is not empty. False
/// when `kept` cannot be read; then what is said stands alone.
bool lay_over(LaidOver& out, const fhir::Element& fresh, std::string kept,
              const fhir_r4::Retraction& retraction, bool states_shielding);

/// Whether a resource has the label of somebody who is shielded.
bool is_restricted(const fhir::Element& resource);

/// A RelatedPerson who was named before and is not any more. Of a shielded person's kin nothing is
/// left but that there was one.
std::string ended_relation(const fhir::Element& related, bool shielded);

/// What is kept of a Patient, Encounter or RelatedPerson once the person is shielded: no place, no
/// kin, and the label. Without a version; other types, and what cannot be read, as they are.
std::string hidden_resource(std::string_view body);

}  // namespace cpis::usecases
