//! Wire types shared by every surface, with generated TypeScript.
