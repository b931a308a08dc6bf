Applications are private or public: a private one is connected by pasted refresh tokens, which
*Replace Token* renews in any state. After the update every application counts as public: set its
*Kind at Amazon*. What is not *In Use* is held; settlements of marketplaces that were unticked before
are held as well until they are ticked.
