// ServerManagement for applications: the same class that the program itself uses.
#pragma once

#include "cardea/lifecycle/server_management.hpp"
