#include "cardea/base/error.hpp"

#include <fmt/format.h>

namespace cardea {

struct Error::Extra {
    std::string detail;
    boost::source_location where;
    std::vector<FieldError> fields;
    std::optional<std::chrono::seconds> retry_after;
    std::string reference;
};

Error::Error(const Reason& reason, std::string detail, boost::source_location where)
    : reason_(&reason),
      extra_(std::make_shared<Extra>(Extra{std::move(detail), where, {}, {}, {}})) {}

Error::Error(const Reason& reason, const Error& cause, boost::source_location where)
    : Error(reason, cause.describe(), where) {}

const std::string& Error::detail() const {
    return extra_->detail;
}
boost::source_location Error::where() const {
    return extra_->where;
}
const std::vector<FieldError>& Error::fields() const {
    return extra_->fields;
}
std::optional<std::chrono::seconds> Error::retry_after() const {
    return extra_->retry_after;
}
const std::string& Error::reference() const {
    return extra_->reference;
}

std::string Error::describe() const {
    std::string_view file = extra_->where.file_name();
    if (auto slash = file.find_last_of('/'); slash != file.npos) file.remove_prefix(slash + 1);
    auto gap = extra_->detail.empty() ? "" : ": ";
    return fmt::format("{}{}{} ({}:{})", reason_->slug, gap, extra_->detail, file,
                       extra_->where.line());
}

Error::Extra& Error::extra() {
    auto own = std::make_shared<Extra>(*extra_);
    auto& reference = *own;
    extra_ = std::move(own);
    return reference;
}

Error&& Error::with_fields(std::vector<FieldError> fields) && {
    extra().fields = std::move(fields);
    return std::move(*this);
}

Error&& Error::with_retry_after(std::chrono::seconds delay) && {
    extra().retry_after = delay;
    return std::move(*this);
}

Error&& Error::with_reference(std::string reference) && {
    extra().reference = std::move(reference);
    return std::move(*this);
}

Error&& Error::with_status(int status) && {
    status_ = status;
    return std::move(*this);
}

}  // namespace cardea
