import { format } from "date-fns";

abstract class Clock {
  constructor(private readonly now: () => Date) {}
  text(): string {
    return format(this.now(), "HH:mm");
  }
}
export default Clock;
