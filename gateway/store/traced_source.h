#pragma once

#include <functional>
#include <utility>

#include "adapters/core/ports/protection_source.h"
#include "gateway/store/database.h"

namespace cpis::store {

/// What an asker leaves in the store with a question. Either may be empty.
struct QuestionTrace {
  /// Durable before the question leaves, and before its outcome is told if it never leaves.
  Work asked = {};
  /// Gives what has to be durable before this outcome is told; an empty work: nothing more. Called
  /// at most once, on any thread; must not block.
  std::function<Work(const ProtectionAnswer&)> answered = {};
};

/// A source that keeps its questions in the same store: the asker's trace goes into the
/// transactions that the source needs anyway, so that a question costs two and not four.
class TracedSource : public ProtectionSource {
 public:
  /// As `ask`. A trace that cannot be kept means that nobody is asked, or that the outcome is told
  /// as "could not be asked".
  virtual void ask_traced(ProtectionQuestion question, QuestionTrace trace, Done answered) = 0;

  void ask(ProtectionQuestion question, Done answered) final {
    ask_traced(std::move(question), {}, std::move(answered));
  }
};

}  // namespace cpis::store
