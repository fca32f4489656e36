// gzip for answers that are worth it.
#pragma once

#include "cardea/http/message.hpp"

namespace cardea::http {

/// Compresses the body when the request takes gzip and the body is text over 1 KiB. Answers whose
/// form depends on Accept-Encoding say so in Vary, compressed or not.
void compress_for(const Request& request, Response& response);

}  // namespace cardea::http
