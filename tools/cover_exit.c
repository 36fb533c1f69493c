/* cover_exit.c - linked into coverage builds only: programs that end by _exit write down what they ran first. */
void __gcov_dump(void);
_Noreturn void __real__exit(int rc);
_Noreturn void __wrap__exit(int rc);

void
__wrap__exit(int rc)
{
    __gcov_dump();
    __real__exit(rc);
}
