#pragma once

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

namespace cpis::net {

/// A piece of work that may own things which cannot be copied, such as a reply.
///
/// std::function cannot hold those. Calling an empty task is a bug.
class Task {
 public:
  Task() = default;

  template <class Work>
  requires(!std::same_as<std::decay_t<Work>, Task> && std::invocable<std::decay_t<Work>&>)
      Task(Work&& work)
      : work_{std::make_unique<Holder<std::decay_t<Work>>>(std::forward<Work>(work))} {}

  explicit operator bool() const noexcept { return work_ != nullptr; }
  void operator()() { work_->run(); }

 private:
  struct Base {
    Base() = default;
    Base(const Base&) = delete;
    Base& operator=(const Base&) = delete;
    virtual ~Base() = default;
    virtual void run() = 0;
  };
  template <class Work>
  struct Holder final : Base {
    template <class Given>
    explicit Holder(Given&& given) : work{std::forward<Given>(given)} {}
    void run() override { work(); }
    Work work;
  };

  std::unique_ptr<Base> work_;
};

}  // namespace cpis::net
