extern "Python" int cshis_python_answer(const uint8_t *request, size_t length, int seconds, void *reply);
int cshis_give(void *reply, const uint8_t *frame, size_t length);
