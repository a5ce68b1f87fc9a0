#pragma once

#include <string>
#include <vector>

#include "fhir/tree/document.h"

namespace cpis::fhir_r4 {

/// What a sender took back by a newer message.
struct Retraction {
  std::vector<std::string> cleared;  ///< HL7 paths sent as `""`, such as PID-11
  /// The person is shielded now: nothing that tells where they live is written.
  bool shielded = false;
};

/// The Patient or Encounter that a newer message leaves, as the root of `out`, its elements in the
/// order of the specification.
///
/// HL7 v2 says: what a message fills replaces, `""` deletes, and what it leaves empty stays as it
/// was. So each element is `fresh`'s when it has one, otherwise `old`'s unless it was taken back.
/// Identifiers of an authority that `fresh` names are all `fresh`'s (a corrected number does not
/// stay beside the right one); those of other hospitals stay. Extensions go by their url. An end of
/// a visit stays only while the visit is finished: a cancelled discharge has none.
///
/// `out` has views of the documents of `fresh` and `old`, which must outlive it.
void update_resource(fhir::Document& out, const fhir::Element& fresh, const fhir::Element& old,
                     const Retraction& retraction);

}  // namespace cpis::fhir_r4
